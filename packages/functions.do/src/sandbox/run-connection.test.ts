import { expect, test } from 'vitest'
import { KeptConnections } from './kept-connections.ts'
import { type CodeLoader, LoaderSandbox } from './loader-sandbox.ts'
import { RunConnection } from './run-connection.ts'
import type { LineSocket } from './run-line.ts'
import type { RunCalls } from './sandbox.ts'
import { serveRuns } from './serve-runs.ts'

type Listen = (event: { readonly data: unknown }) => void
type Inside = Parameters<ReturnType<ReturnType<CodeLoader['load']>['getEntrypoint']>['run']>[0]

/** An end of a socket whose other end is in the same process. */
class SocketEnd implements LineSocket {
  other: SocketEnd | undefined
  readonly #listeners = new Map<string, Listen[]>()
  #isOpen = true

  send(data: string): void {
    if (!this.#isOpen) throw new Error('the socket is closed')
    queueMicrotask(() => this.other?.emit('message', data))
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    queueMicrotask(() => this.other?.emit('close', undefined))
  }

  emit(type: string, data: unknown): void {
    for (const listen of this.#listeners.get(type) ?? []) listen({ data })
  }

  addEventListener(type: string, listener: Listen): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener])
  }
}

const job = JSON.stringify({ code: '() => 1', definitions: {}, tenant: 'acme', endpoint: 'http://localhost' })

function connect(run: (inside: Inside) => Promise<unknown>) {
  const [near, far] = [new SocketEnd(), new SocketEnd()]
  ;[near.other, far.other] = [far, near]
  const load = () => ({ getEntrypoint: () => ({ run }) })
  const sandbox = new LoaderSandbox({ loader: { load, get: load }, programs: { run: '', check: '' } })
  const counts = { inProgress: 0, started: 0 }
  void serveRuns(far, sandbox, counts)
  return { connection: new RunConnection(near, '1'), counts, far }
}

function callsWith(send: RunCalls['send'], ended: RunCalls['ended'] = new Promise(() => {})): RunCalls {
  return { send, isRepeatable: () => true, ended, close: () => {} }
}

test('runs follow each other on a connection, each with its own calls, and are counted while they run', async () => {
  const { connection, counts } = connect(async ({ send }) => ({ body: `{"result":${(await send('m'))[0]}}`, logs: [] }))
  for (const number of [1, 2, 3]) {
    let during: object = {}
    const calls = callsWith(() => {
      during = { ...counts }
      return Promise.resolve([String(number)])
    })
    expect(await connection.run(job, calls)).toMatchObject({ ok: true, body: `{"result":${number}}` })
    expect([during, counts]).toEqual([
      { inProgress: 1, started: number },
      { inProgress: 0, started: number },
    ])
  }
  expect(connection.isOpen).toBe(true)
})

test('an answer to a call of an earlier run reaches no later one', async () => {
  let isFirst = true
  const { connection } = connect(async ({ send }) => {
    const asked = send('m')
    // The first run ends without an answer to its call.
    const wasFirst = isFirst
    isFirst = false
    return { body: `{"result":${wasFirst ? '"first"' : (await asked)[0]}}`, logs: [] }
  })
  const { promise: late, resolve: answerLate } = Promise.withResolvers<readonly string[]>()
  expect(
    await connection.run(
      job,
      callsWith(() => late),
    ),
  ).toMatchObject({ body: '{"result":"first"}' })
  const second = connection.run(
    job,
    callsWith(async () => {
      answerLate(['"of the first"'])
      await new Promise((resolve) => setTimeout(resolve, 1))
      return ['"of the second"']
    }),
  )
  expect(await second).toMatchObject({ body: '{"result":"of the second"}' })
})

test('a connection whose run is ended by the server or by the other side is not used again', async () => {
  const error = { code: 'timeout', message: 'enough' } as const
  const hanging = connect(() => new Promise(() => {}))
  expect(
    await hanging.connection.run(
      job,
      callsWith(() => new Promise(() => {}), Promise.resolve(error)),
    ),
  ).toMatchObject({ ok: false, error })
  expect(hanging.connection.isOpen).toBe(false)
  const cut = connect(() => new Promise(() => {}))
  const run = cut.connection.run(
    job,
    callsWith(() => Promise.resolve([])),
  )
  cut.far.close()
  expect(await run).toBeUndefined()
  expect(
    await cut.connection.run(
      job,
      callsWith(() => Promise.resolve([])),
    ),
  ).toBeUndefined()
  const kept = new KeptConnections()
  kept.put(0, cut.connection)
  expect(kept.take(0)).toBeUndefined()
})

test('a kept connection is taken once, for its own process, and the oldest is closed beyond eight', () => {
  const kept = new KeptConnections()
  const made = Array.from({ length: 9 }, () => connect(() => Promise.resolve({})).connection)
  for (const connection of made) kept.put(1, connection)
  expect(made.map(({ isOpen }) => isOpen)).toEqual([false, ...made.slice(1).map(() => true)])
  expect(kept.take(0)).toBeUndefined()
  const taken = made.slice(1).map(() => kept.take(1))
  expect(new Set(taken)).toEqual(new Set(made.slice(1)))
  expect(kept.take(1)).toBeUndefined()
})
