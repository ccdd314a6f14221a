// All reads of events whose texts have been archived.

import { MemoryObjectStore } from '@dotdo/db'
import { env, runInDurableObject } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { fullAuthority } from 'digital-objects'
import { ask, askRead, askWrite } from '../../../../objects.do/test/ask-tenant.ts'
import { type Flushed, inFlushedStore, Robot } from '../../test/flushed-store.ts'
import { liveRequest } from '../live/live-request.ts'

const archiving = { eventsMax: 40, sealedEvents: 10, keptEvents: 0 }

async function archived(flushed: Flushed, text: (at: number) => string, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let at = 0; at < count; at++) ids.push((await flushed.create({ name: text(at), power: at })).row.target)
  await flushed.drain()
  expect(flushed.lake.archive.state.position.trimmedSeq).toBe(count)
  return ids
}

/** Generates repeatable text that compresses badly. */
function noise(seed: number, length: number): string {
  let state = seed + 1
  let text = ''
  while (text.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    text += state.toString(36)
  }
  return text.slice(0, length)
}

function requestLive(headers: Record<string, string>): Request {
  return liveRequest({ search: '?after=0', headers: new Headers(headers), authority: fullAuthority('anonymous') })
}

class CountingStore extends MemoryObjectStore {
  gets = 0
  running = 0
  runningMax = 0

  override async get(...of: Parameters<MemoryObjectStore['get']>): ReturnType<MemoryObjectStore['get']> {
    this.gets++
    this.running++
    this.runningMax = Math.max(this.runningMax, this.running)
    await new Promise((resolve) => setTimeout(resolve, 20))
    this.running--
    return super.get(...of)
  }
}

describe('archived events', () => {
  test('requested by many concurrent readers are read once, with limited concurrency', async () => {
    const files = new CountingStore()
    await inFlushedStore(
      async (flushed) => {
        // The files are too large to be cached as a whole when they are opened.
        await archived(flushed, (at) => noise(at, 60_000), 40)
        const { store } = flushed.restart()
        const read = (after: number): Promise<number> =>
          store.reading(() => store.events.read({ after, limit: 10 }).rows.length)
        await read(0)
        const once = files.gets
        files.gets = 0
        files.runningMax = 0
        const many = Array.from({ length: 40 }, async (_, at) => {
          await new Promise((resolve) => setTimeout(resolve, at % 20))
          return read(20 + 10 * (at % 2))
        })
        expect(await Promise.all(many)).toEqual(many.map(() => 10))
        expect(files.gets).toBeLessThanOrEqual(2 * once)
        expect(files.runningMax).toBeLessThanOrEqual(once)
      },
      { files, settings: archiving },
    )
  })

  test('of a million characters each are read in small groups, and a page ends at its size limit', () =>
    inFlushedStore(
      async (flushed) => {
        const text = (at: number): string => String.fromCharCode(97 + at).repeat(900_000)
        await archived(flushed, text, 20)
        const { store } = flushed.restart()
        const names: string[] = []
        for (let after = 0; after < 20;) {
          const page = await store.reading(() => store.events.read({ after, limit: 1_000 }))
          expect(page.rows.length).toBeLessThanOrEqual(4)
          names.push(...page.rows.map(({ data }) => String((JSON.parse(data) as { name: string }).name[0])))
          after = page.readThrough
        }
        expect(names.join('')).toBe('abcdefghijklmnopqrst')
      },
      { settings: archiving },
    ))

  test('answer the replay of a write, together with other writes of one commit', () =>
    inFlushedStore(
      async (flushed) => {
        const { write, create, store } = flushed
        const verb = Robot.verbs['create']
        if (verb === undefined) throw new Error('no create')
        const keyed = () =>
          write({
            schema: Robot,
            verb,
            kind: 'create',
            idempotency: { actor: 'user_1', key: 'k', request: 'h' },
            decide: () => ({ name: 'once' }),
          })
        const first = await keyed()
        for (let at = 0; at < 20; at++) await create({ name: `r${at}` })
        await flushed.drain()
        const { head } = store.events
        const written = await Promise.all([create({ name: 'a' }), keyed(), create({ name: 'b' }), keyed()])
        expect(written.map(({ isReplay }) => isReplay)).toEqual([false, true, false, true])
        expect(written[1]?.row).toEqual(first.row)
        expect(store.events.head).toBe(head + 2)
        expect((await store.verify()).faults).toEqual([])
      },
      { settings: archiving },
    ))

  test('are indexed by the full text in bounded steps, however large they are', () =>
    inFlushedStore(
      async ({ create, parts }) => {
        for (let at = 0; at < 20; at++) await create({ name: `word${at} ${'x '.repeat(450_000)}` })
        parts.text.step(20)
        expect(parts.text.mark).toBeGreaterThan(0)
        expect(parts.text.mark).toBeLessThan(20)
      },
      { settings: archiving },
    ))
})

test('the object serves late subscribers, history, diff and single events from the archive', async () => {
  const call = {
    tenant: 'archived',
    context: 'http://localhost/~archived',
    authority: fullAuthority('anonymous'),
    via: 'rest',
  } as const
  const tenant = env.TENANTS.get(env.TENANTS.newUniqueId())
  const bodyOf = (answer: Awaited<ReturnType<typeof ask>>): unknown => JSON.parse(answer.ok ? answer.body : '')
  const made = bodyOf(await askWrite(tenant, call, { noun: 'Contact', verb: 'create', body: '{"name":"Ada"}' }))
  const { $id: id } = made as { $id: string } // a created entity's
  for (let at = 0; at < 30; at++)
    await askWrite(tenant, call, { noun: 'Contact', verb: 'update', id, body: `{"name":"Ada ${at}"}` })
  const readAll = async (): Promise<unknown[]> => {
    const of = { noun: 'Contact', id }
    return [
      bodyOf(await askRead(tenant, call, { ...of, read: 'history' })),
      bodyOf(await askRead(tenant, call, { ...of, read: 'diff', parameters: { from: '2', to: '9' } })),
      bodyOf(await askRead(tenant, call, { read: 'events', parameters: { after: '3', limit: '20' } })),
      bodyOf(await askRead(tenant, call, { ...of, read: 'get' })),
    ]
  }
  const before = await readAll()
  const event = (before[2] as { results: { id: string }[] }).results[0]?.id ?? ''
  const single = bodyOf(await askRead(tenant, call, { read: 'event', id: event }))
  await ask(tenant, call, { kind: 'command', command: 'lake.flush' })
  await runInDurableObject(tenant, (_, { storage: { sql } }) => {
    sql.exec("UPDATE log SET data = '', changes = NULL WHERE seq <= 31")
    sql.exec("UPDATE lake SET value = json_set(value, '$.trimmedSeq', 31) WHERE name = 'archive'")
  })
  expect(await readAll()).toEqual(before)
  expect(bodyOf(await askRead(tenant, call, { read: 'event', id: event }))).toEqual(single)
  const streams = Array.from({ length: 5 }, async () => {
    const { body } = await tenant.fetch(requestLive({}))
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (text.split('\nevent: ').length <= 31) text += (await reader?.read())?.value ?? ''
    await reader?.cancel()
    return [...text.matchAll(/^id: (\d+)$/gm)].map(([, seq]) => Number(seq))
  })
  const expected = Array.from({ length: 31 }, (_, at) => at + 1)
  for (const seqs of await Promise.all(streams)) expect(seqs).toEqual(expected)
  const sockets = Array.from({ length: 5 }, async () => {
    const { webSocket } = await tenant.fetch(requestLive({ upgrade: 'websocket' }))
    const seqs: number[] = []
    const done = new Promise<void>((resolve) =>
      webSocket?.addEventListener('message', ({ data }) => {
        const { seq, $type } = JSON.parse(String(data)) as { seq: number; $type?: string }
        if ($type !== 'Ready' && seqs.push(seq) === 31) resolve()
      }),
    )
    webSocket?.accept()
    await done
    webSocket?.close()
    return seqs
  })
  for (const seqs of await Promise.all(sockets)) expect(seqs).toEqual(expected)
})
