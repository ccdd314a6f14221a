// The load of a past into a bare store: what stays silent meanwhile, and what begins when it has ended.

import { env, runInDurableObject } from 'cloudflare:test'
import { idMaker, Noun, type ObjectEvent } from 'digital-objects'
import { expect, test } from 'vitest'
import type { Job } from '../jobs/job.ts'
import { TenantStore } from '../tenant-store.ts'
import type { CommitSeries } from '../write/commit-series.ts'

const Robot = Noun('Robot', { name: 'string!' }).$schema
const tenant = { name: 'test', context: 'http://localhost/~test' }
const pastMs = Date.parse('2024-01-01T00:00:00Z')
const create = Robot.verbs['create']

/** `steps` has the steps of a job on the tenant's clock that is always due. */
function makeBench({ storage }: DurableObjectState) {
  const handled: string[] = []
  const steps: number[] = []
  const makeId = idMaker({ random: (count) => crypto.getRandomValues(new Uint8Array(count)) })
  const job: Job = {
    name: 'renewals',
    clock: 'tenant',
    lane: 'renewals',
    retry: { firstMs: 1_000, factor: 2, maxMs: 60_000 },
    dueMs: (nowMs) => nowMs - 1,
    step: (nowMs) => Promise.resolve(steps.push(nowMs) > 0),
  }
  const after = { id: 'mail', handles: () => true, run: async ({ type }: ObjectEvent) => void handled.push(type) }
  const store = new TenantStore({
    storage,
    nouns: [Robot],
    hooks: { before: [], after: [after] },
    jobs: () => [job],
    validate: (_, fields) => fields,
    makeId: (prefix, nowMs) => makeId({ prefix, nowMs }),
    makeEpoch: () => 'e1',
    now: Date.now,
    log: () => {},
    committed: () => {},
  })
  if (create === undefined) throw new Error('no create')
  const change = {
    schema: Robot,
    verb: create,
    kind: 'create',
    actor: 'ada',
    via: 'history',
    decide: () => ({ name: 'r' }),
  } as const
  const loadOne = (line: number) => (series: CommitSeries) => {
    const atMs = pastMs + line
    const id = series.commit({ atMs }, (commit) => commit.write(change).row.target)
    store.history.externalIds.add('Robot', `old ${id}`, id)
    store.history.advance({ lines: line, atMs, hash: `h${line}` })
    return null
  }
  return {
    store,
    handled,
    steps,
    load: (line: number) => store.history.load(loadOne(line), tenant),
    write: () => store.write({ ...change, via: 'rest' }, tenant),
    external: () => storage.sql.exec('SELECT external FROM external_ids').toArray().length,
  }
}

test('handlers stay silent, and jobs of the business wait, until the first live write', async () => {
  await runInDurableObject(env.BARE.get(env.BARE.newUniqueId()), async (_, state) => {
    const { store, handled, steps, load, external } = makeBench(state)
    await load(1)
    await load(2)
    await store.alarm()
    expect([store.outboxCounts().waiting, steps, external()]).toEqual([0, [], 2])
    expect(store.history.state()).toMatchObject({ lines: 2, isOpen: true })
    // The load goes on in another life of the object.
    const again = makeBench(state)
    await again.load(3)
    await again.store.alarm()
    expect([again.steps, again.store.history.state().lines]).toEqual([[], 3])
    await again.write()
    expect(again.store.history.state()).toMatchObject({ lines: 3, isOpen: false })
    await again.store.alarm()
    expect([again.handled, again.steps.length, handled]).toEqual([['Robot.Created'], 1, []])
    await again.store.alarm()
    expect(again.external()).toBe(0)
    expect(() => again.store.history.requirePosition()).toThrow('has ended after 3 lines')
  })
})

test('a command ends the load of a tenant that nobody writes to, and jobs begin', async () => {
  await runInDurableObject(env.BARE.get(env.BARE.newUniqueId()), async (_, state) => {
    const { store, steps, load } = makeBench(state)
    await load(1)
    await store.history.end(tenant)
    await store.alarm()
    expect(steps).toHaveLength(1)
    expect(store.history.state()).toEqual({ lines: 1, timestamp: '2024-01-01T00:00:00.001Z', isOpen: false })
  })
})

test('a step that fails leaves neither lines nor their position', async () => {
  await runInDurableObject(env.BARE.get(env.BARE.newUniqueId()), async (_, state) => {
    const { store, load, external } = makeBench(state)
    await load(1)
    const failing = store.history.load(() => {
      store.history.advance({ lines: 9, atMs: pastMs, hash: 'x' })
      throw new Error('a bug')
    }, tenant)
    await expect(failing).rejects.toThrow('a bug')
    expect([store.history.state().lines, store.events.head, external()]).toEqual([1, 1, 1])
    await load(2)
    expect(store.history.state()).toMatchObject({ lines: 2, isOpen: true })
  })
})

test('events of the past are found by their time, and live ones have the present', async () => {
  await runInDurableObject(env.BARE.get(env.BARE.newUniqueId()), async (_, state) => {
    const { store, load, write } = makeBench(state)
    for (const line of [1, 1, 5]) await load(line)
    expect([1, 4, 5].map((ms) => store.sealAt(pastMs + ms))).toEqual([2, 2, 3])
    await load(6)
    const beforeMs = Date.now()
    expect((await write()).row.atMs).toBeGreaterThanOrEqual(beforeMs)
  })
})
