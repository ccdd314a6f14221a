// All reads of events by callers with generated authorities, compared with a model that scans the whole log: an event is
// visible if today's rules show its entity as it was then.

import { env } from 'cloudflare:test'
import { type Entity, fullAuthority, ObjectError, type ObjectErrorData, type ObjectEvent } from 'digital-objects'
import { liveRequest } from 'objects.do'
import { beforeAll, describe, expect, test } from 'vitest'
import { askRead, askWrite, type ReadGiven } from '../../test/ask-tenant.ts'
import { caller as fullCaller, type GeneratedTenant, makeTenant, type Moment } from '../../test/generated-tenant.ts'
import {
  fieldsOf,
  readLog,
  type RestrictedCaller,
  restrictedCallers,
  visibleEvents,
} from '../../test/restricted-callers.ts'

interface EventPage {
  readonly results: readonly ObjectEvent[]
  readonly hasMore: boolean
  readonly cursor: string | null
}

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
let tenant: GeneratedTenant
let log: readonly ObjectEvent[]
let callers: readonly RestrictedCaller[]
beforeAll(async () => {
  tenant = await makeTenant(seed)
  log = await readLog(tenant.stub)
  const { world } = tenant.history.at(-1) as Moment
  const contactIds = [...world.values()].filter(({ $type }) => $type === 'Contact').map(({ $id }) => $id)
  callers = restrictedCallers({ seed, count: Number(process.env['RUNS'] ?? 4), contactIds })
})

async function answer({ caller }: RestrictedCaller, given: ReadGiven): Promise<EventPage & ObjectEvent> {
  const answered = await askRead(tenant.stub, caller, given)
  if (!answered.ok) throw new ObjectError(answered.error)
  return JSON.parse(answered.body) as EventPage & ObjectEvent
}

async function refusalOf({ caller }: RestrictedCaller, given: ReadGiven): Promise<ObjectErrorData | undefined> {
  const answered = await askRead(tenant.stub, caller, given)
  return answered.ok ? undefined : answered.error
}

async function allPages(
  of: RestrictedCaller,
  { parameters = {}, ...given }: ReadGiven,
): Promise<readonly ObjectEvent[]> {
  const found: ObjectEvent[] = []
  for (let after: string | null = '0'; after !== null;) {
    const page: EventPage = await answer(of, { ...given, parameters: { ...parameters, after } })
    found.push(...page.results)
    after = page.hasMore ? page.cursor : null
  }
  return found
}

/** Returns a fourth of events or entities, which differs from run to run: each costs a call or more. */
const sampled = <Item>(all: readonly Item[]): readonly Item[] => all.filter((_, at) => at % 4 === seed % 4)

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function openSocket(stub: GeneratedTenant['stub'], of: RestrictedCaller, search: string): Promise<ObjectEvent[]> {
  const { authority } = of
  const { webSocket } = await stub.fetch(
    liveRequest({ search, headers: new Headers({ upgrade: 'websocket' }), authority }),
  )
  if (webSocket === null) throw new Error('no socket')
  const heard: ObjectEvent[] = []
  webSocket.addEventListener('message', ({ data }) => {
    const event = JSON.parse(String(data)) as ObjectEvent
    if ('data' in event) heard.push(event)
  })
  webSocket.accept()
  return heard
}

async function readStream(of: RestrictedCaller, count: number): Promise<readonly ObjectEvent[]> {
  const { authority } = of
  const { body } = await tenant.stub.fetch(liveRequest({ search: '?after=0', headers: new Headers(), authority }))
  if (body === null) throw new Error('no stream')
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (text.split('\n\n').length <= count + 1) text += (await reader.read()).value ?? ''
  await reader.cancel()
  return [...text.matchAll(/data: (.*)\n/g)].map(([, json]) => JSON.parse(json ?? '') as ObjectEvent)
}

async function until(isDone: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !isDone() && Date.now() < deadline;) await sleep(5)
}

describe(`seed ${seed}`, () => {
  test('pages of the log contain exactly the visible events, unfiltered, by type and by actor', async () => {
    let [seen, hidden] = [0, 0]
    for (const of of callers) {
      const wanted = visibleEvents(log, of.authority)
      const label = JSON.stringify(of.authority)
      expect(await allPages(of, { read: 'events', parameters: { limit: '37' } }), label).toEqual(wanted)
      const updates = await allPages(of, { read: 'events', parameters: { type: '*.Updated', limit: '7' } })
      expect(updates, label).toEqual(wanted.filter(({ type }) => type.endsWith('.Updated')))
      expect(await allPages(of, { read: 'events', parameters: { actor: 'anonymous', limit: '100' } }), label).toEqual(
        wanted,
      )
      expect(await allPages(of, { read: 'events', parameters: { actor: 'nobody' } }), label).toEqual([])
      seen += wanted.length
      hidden += log.length - wanted.length
    }
    // The first caller sees at least the creation of everything but 48 deals.
    expect(seen).toBeGreaterThanOrEqual(112)
    expect(hidden).toBeGreaterThanOrEqual(48)
  })

  test('sockets and streams deliver the same events', async () => {
    for (const of of callers) {
      const wanted = visibleEvents(log, of.authority)
      const heard = await openSocket(tenant.stub, of, '?after=0')
      await until(() => heard.length >= wanted.length)
      await sleep(20)
      expect(heard, JSON.stringify(of.authority)).toEqual(wanted)
      if (wanted.length > 0) expect(await readStream(of, wanted.length)).toEqual(wanted)
    }
  })

  test('a hidden event is refused like a missing one', async () => {
    for (const of of callers.slice(0, 3)) {
      const wanted = new Map(visibleEvents(log, of.authority).map((event) => [event.id, event]))
      for (const { id } of sampled(log)) {
        const visible = wanted.get(id)
        if (visible !== undefined) expect(await answer(of, { read: 'event', id })).toEqual(visible)
        else
          expect(await refusalOf(of, { read: 'event', id })).toMatchObject({
            code: 'not_found',
            message: `no event '${id}'`,
          })
      }
    }
  })

  test('a commit has its visible events, and one without any is not found', async () => {
    const commits = [...new Set(log.map(({ commit }) => commit))]
    for (const of of callers.slice(3)) {
      const wanted = Map.groupBy(visibleEvents(log, of.authority), ({ commit }) => commit)
      for (const commit of commits) {
        const events = wanted.get(commit)
        const given = { read: 'commit', id: String(commit) }
        if (events === undefined)
          expect(await refusalOf(of, given)).toEqual({
            code: 'not_found',
            field: 'id',
            message: `there is no commit ${commit}`,
          })
        else {
          const [{ timestamp, actor } = expect.fail()] = events
          expect(await answer(of, given)).toEqual({ commit, timestamp, actor, events })
        }
      }
    }
  })

  test('history and diff show an entity while it was visible, and an entity that never was is not found', async () => {
    const counts = { shown: 0, missing: 0 }
    for (const of of callers) {
      const wanted = Map.groupBy(visibleEvents(log, of.authority), ({ target }) => target)
      for (const [id, events] of sampled([...Map.groupBy(log, ({ target }) => target)])) {
        const noun = events[0]?.data.$type ?? ''
        const own = wanted.get(id)
        const label = JSON.stringify([of.authority, id])
        if (own === undefined) {
          counts.missing++
          for (const read of ['history', 'diff'])
            expect(await refusalOf(of, { read, noun, id }), label).toMatchObject({ code: 'not_found' })
          continue
        }
        counts.shown++
        expect(await allPages(of, { read: 'history', noun, id, parameters: { limit: '2' } }), label).toEqual(own)
        const entity = { entity: id, limit: '3' }
        expect(await allPages(of, { read: 'events', parameters: entity }), label).toEqual(own)
        const last = String(events.at(-1)?.version)
        const diff = await answer(of, { read: 'diff', noun, id, parameters: { from: '1', to: last } })
        const {
          before,
          after,
          events: between,
        } = diff as unknown as Record<'before' | 'after', Entity | null> & { events: unknown }
        expect(between, label).toEqual(own.filter(({ version }) => version > 1))
        for (const [end, version] of [
          [before, 1],
          [after, Number(last)],
        ] as const) {
          const event = own.find((one) => one.version === version && !one.type.endsWith('.Deleted'))
          // The entity at a point is that of the event, unless an entity that its rule reads has changed since.
          if (end !== null && event !== undefined) expect(fieldsOf(end), label).toEqual(fieldsOf(event.data))
          for (const name of Object.keys(end ?? {})) {
            const isShown = name.startsWith('$') || of.visibility.lookup(noun)?.fields[name] !== undefined
            expect(isShown, `${label} ${name}`).toBe(true)
          }
        }
      }
    }
    // The first caller is shown everything but 48 deals of 160 entities.
    expect(counts.shown).toBeGreaterThanOrEqual(25)
    expect(counts.missing).toBeGreaterThanOrEqual(10)
  })

  test('listeners receive new events by their own rules', async () => {
    const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
    const sockets = await Promise.all(callers.map((of) => openSocket(stub, of, '')))
    const everything = await openSocket(
      stub,
      { ...(callers[0] as RestrictedCaller), authority: fullAuthority('anonymous') },
      '',
    )
    for (const [at, event] of log.filter(({ type }) => /^(?:Organization|Contact)\.Created/.test(type)).entries()) {
      const { organization: _, ...body } = fieldsOf(event.data)
      const given = { noun: event.data.$type, verb: 'create', body: JSON.stringify(body) }
      const written = await askWrite(stub, fullCaller, given)
      if (!written.ok) throw new ObjectError(written.error)
      if (at % 3 > 0 || written.createdId === undefined) continue
      const change = { ...given, verb: at % 2 === 0 ? 'delete' : 'update', id: written.createdId, body: '{"name":"b"}' }
      await askWrite(stub, fullCaller, at % 2 === 0 ? { ...change, body: '' } : change)
    }
    const written = await readLog(stub)
    await until(() => everything.length === written.length)
    await sleep(50)
    expect(everything).toEqual(written)
    for (const [at, of] of callers.entries())
      expect(sockets[at], JSON.stringify(of.authority)).toEqual(visibleEvents(written, of.authority))
  })
})
