import { expect, test } from 'vitest'
import { type CodeLoader, LoaderSandbox } from './loader-sandbox.ts'
import type { RunCalls } from './sandbox.ts'

const job = { code: '() => 1', definitions: {}, tenant: 'acme', endpoint: 'http://localhost' }

function noCalls(ended: RunCalls['ended'] = new Promise(() => {})): RunCalls & { isClosed: boolean } {
  const calls = {
    isClosed: false,
    send: () => Promise.resolve([]),
    isRepeatable: () => true,
    ended,
    close: () => void (calls.isClosed = true),
  }
  return calls
}

function loaderOf(load: CodeLoader['load']): CodeLoader {
  return { load, get: () => Promise.reject(new Error('nothing stays loaded')) as never }
}

test('each run gets a new worker without network and bindings, isolated from the others', async () => {
  const loaded: Parameters<CodeLoader['load']>[0][] = []
  const loader = loaderOf((worker) => {
    loaded.push(worker)
    return { getEntrypoint: () => ({ run: () => Promise.resolve({ body: '{"result":1}', logs: [] }) }) }
  })
  const sandbox = new LoaderSandbox({ loader, programs: { run: 'ours', check: 'checks' } })
  const outcomes = await Promise.all([sandbox.run(job, () => noCalls()), sandbox.run(job, () => noCalls())])
  expect(outcomes).toEqual([1, 2].map(() => ({ ok: true, body: '{"result":1}', logs: [] })))
  expect(loaded).toHaveLength(2)
  for (const worker of loaded) {
    expect(worker).toMatchObject({
      globalOutbound: null,
      env: {},
      mainModule: 'main.js',
      limits: { cpuMs: 1_000 },
      modules: { 'main.js': 'ours', 'code.js': 'export default (() => 1\n)' },
    })
  }
})

test('a run ends when its calls say so, and its later calls are refused', async () => {
  const loader = loaderOf(() => ({ getEntrypoint: () => ({ run: () => new Promise(() => {}) }) }))
  const calls = noCalls(Promise.resolve({ code: 'code_failed', message: 'too many calls' }))
  expect(await new LoaderSandbox({ loader, programs: { run: '', check: '' } }).run(job, () => calls)).toEqual({
    ok: false,
    logs: [],
    error: { code: 'code_failed', message: 'too many calls' },
  })
  expect(calls.isClosed).toBe(true)
})

test.each([
  ['Worker exceeded CPU time limit.', 'the code kept the processor for 1 s'],
  ['Worker exceeded memory limit.', 'the code used more memory than a run may'],
])('Cloudflare\'s "%s" is reported as the embedded server reports it', async (message, expected) => {
  const loader = loaderOf(() => ({ getEntrypoint: () => ({ run: () => Promise.reject(new Error(message)) }) }))
  expect(await new LoaderSandbox({ loader, programs: { run: '', check: '' } }).run(job, () => noCalls())).toMatchObject(
    {
      error: { code: 'code_failed', message: expected },
    },
  )
})
