import { expect, test } from 'vitest'
import { type CodeLoader, LoaderSandbox } from './loader-sandbox.ts'

const send = (): Promise<readonly string[]> => Promise.resolve([])
const job = { code: '() => 1', definitions: {}, tenant: 'acme', endpoint: 'http://localhost', send }

test('each run gets a new worker without network and bindings, isolated from the others', async () => {
  const loaded: Parameters<CodeLoader['load']>[0][] = []
  const loader: CodeLoader = {
    load(worker) {
      loaded.push(worker)
      return { getEntrypoint: () => ({ run: () => Promise.resolve({ body: '{"result":1}', logs: [] }) }) }
    },
  }
  const sandbox = new LoaderSandbox({ loader, program: 'ours' })
  const outcomes = await Promise.all([sandbox.run(job), sandbox.run(job)])
  expect(outcomes).toEqual([1, 2].map(() => ({ ok: true, body: '{"result":1}', logs: [] })))
  expect(loaded).toHaveLength(2)
  for (const worker of loaded) {
    expect(worker).toMatchObject({ globalOutbound: null, env: {}, mainModule: 'main.js' })
    expect(worker.modules).toEqual({ 'main.js': 'ours', 'code.js': 'export default (() => 1\n)' })
  }
})

test('runs up to the limit proceed; one more is refused until another has ended', async () => {
  const ends: ((report: unknown) => void)[] = []
  const run = (): Promise<unknown> => new Promise((end) => ends.push(end))
  const sandbox = new LoaderSandbox({ loader: { load: () => ({ getEntrypoint: () => ({ run }) }) }, program: '' })
  const runs = Array.from({ length: 16 }, () => sandbox.run(job))
  await expect(sandbox.run(job)).rejects.toMatchObject({ code: 'overloaded' })
  ends[0]?.({ body: '{}' })
  await runs[0]
  const another = sandbox.run(job)
  for (const end of ends) end({ body: '{}' })
  expect(await Promise.all([...runs, another])).toHaveLength(17)
})
