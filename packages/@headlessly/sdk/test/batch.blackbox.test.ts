// Batches, dry runs and whole commits, from the client to the shipped server.

import { type Client, Headlessly, HeadlesslyError, Noun } from '@headlessly/sdk'
import { describe, expect, test } from 'vitest'
import { useSharedServer } from '../../../../apps/headless.ly/test/server.ts'

const { url, tenant } = useSharedServer()
const client = (): Client => Headlessly({ tenant: tenant(), endpoint: url() })
const typesOf = async ($: Client): Promise<string[]> => (await $.events.list({ limit: 1_000 })).map(({ type }) => type)

async function refusal(promise: Promise<unknown>): Promise<HeadlesslyError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof HeadlesslyError) return error
  throw new Error(`expected a refusal, got ${String(error)}`)
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !condition();) {
    if (Date.now() > end) throw new Error('it did not come about in time')
    await new Promise((resolve) => void setTimeout(resolve, 10))
  }
}

describe('a batch', () => {
  test('is one commit, whose writes use the results of each other', async () => {
    const $ = client()
    const { commit, result } = await $.batch((tx) => {
      const org = tx.Organization.create({ name: 'Acme' })
      const ada = tx.Contact.create({ name: 'Ada', organization: org.$id })
      const qualified = tx.Contact.qualify(ada.$id, { leadScore: 3 })
      const gone = tx.Contact.create({ name: 'Bo' })
      tx.Contact.delete(gone.$id)
      return { org, qualified, versions: [ada.$version, qualified.$version] }
    })
    expect(commit).toBe(1)
    expect(result).toMatchObject({
      org: { $type: 'Organization', name: 'Acme' },
      qualified: { name: 'Ada', stage: 'Qualified', leadScore: 3, organization: result.org.$id },
      versions: [1, 2],
    })
    const whole = await $.commits.get(1)
    expect(whole.events.map(({ type, commit: of }) => [type, of])).toEqual([
      ['Organization.Created', 1],
      ['Contact.Created', 1],
      ['Contact.Qualified', 1],
      ['Contact.Created', 1],
      ['Contact.Deleted', 1],
    ])
    expect(await $.Contact.count()).toBe(1)
  })

  test('that is refused leaves nothing, and lists every refused write', async () => {
    const $ = client()
    await $.Contact.create({ name: 'Ada', email: 'ada@example.com' })
    const error = await refusal(
      $.batch((tx) => {
        tx.Organization.create({ name: 'Acme' })
        tx.Contact.create({ name: 'Eve', email: 'ada@example.com' })
        tx.Contact.qualify('contact_0123456789AB')
      }),
    )
    expect(error).toMatchObject({ code: 'batch_failed', status: 422 })
    expect(error.detail['details']).toMatchObject([
      { id: '1', status: 409, problem: { field: 'email' } },
      { id: '2', status: 404 },
    ])
    expect(await typesOf($)).toEqual(['Contact.Created'])
  })

  test('expects versions, and is performed once under its key', async () => {
    const $ = client()
    const { $id } = await $.Contact.create({ name: 'Ada' })
    const write = (ifVersion: number) =>
      $.batch((tx) => tx.Contact.update($id, { title: `${ifVersion}` }, { ifVersion }), { idempotencyKey: 'k' })
    expect(await refusal(write(2))).toMatchObject({ code: 'batch_failed' })
    const first = await write(1)
    expect(await write(1)).toEqual(first)
    expect(first).toMatchObject({ commit: 2, result: { title: '1', $version: 2 } })
    expect(await typesOf($)).toHaveLength(2)
  })

  test('of own entity types works as with built-in ones', async () => {
    const Vehicle = Noun('Vehicle', { name: 'string!', owner: '-> Contact.vehicles', drive: 'Driven' })
    const $ = Headlessly({ tenant: tenant(), endpoint: url(), nouns: [Vehicle] })
    await $.schema.put('Vehicle', { fields: { name: 'string!', owner: '-> Contact.vehicles', drive: 'Driven' } })
    const { result } = await $.batch((tx) => {
      const ada = tx.Contact.create({ name: 'Ada' })
      const bus = tx.Vehicle.create({ name: 'Bus', owner: ada.$id })
      return { ada, driven: tx.Vehicle.drive(bus.$id) }
    })
    expect(result.driven).toMatchObject({ $type: 'Vehicle', owner: result.ada.$id, $version: 2 })
  })
})

describe('a dry run', () => {
  test('of every kind of write shows what it would do, and does nothing', async () => {
    const $ = client()
    const { $id } = await $.Contact.create({ name: 'Ada' })
    await $.Contact.update($id, { title: 'CTO' })
    const dryRun = { dryRun: true } as const
    const tried = [
      await $.Contact.create({ name: 'Bo' }, dryRun),
      await $.Contact.update($id, { title: 'CEO' }, dryRun),
      await $.Contact.update({ $id, title: 'CEO' }, dryRun),
      await $.Contact.qualify($id, {}, dryRun),
      await $.Contact.rollback($id, { version: 1 }, dryRun),
    ]
    expect(tried.map(({ events }) => events.map(({ type }) => type))).toEqual([
      ['Contact.Created'],
      ['Contact.Updated'],
      ['Contact.Updated'],
      ['Contact.Qualified'],
      ['Contact.Updated'],
    ])
    expect(tried[1]).toMatchObject({ dryRun: true, refusals: [], result: { title: 'CEO', $version: 3 } })
    expect(tried[1]?.events[0]?.changes).toEqual({ title: { from: 'CTO', to: 'CEO' } })
    expect(await $.Contact.delete($id, dryRun)).toMatchObject({ events: [{ type: 'Contact.Deleted' }], result: null })
    const batch = await $.batch((tx) => ({ bo: tx.Contact.create({ name: 'Bo' }) }), dryRun)
    expect(batch).toMatchObject({ events: [{ type: 'Contact.Created' }], result: { result: { bo: { name: 'Bo' } } } })
    const own = await $.schema.put('Vehicle', { fields: { name: 'string!' } }, dryRun)
    expect(own.events.map(({ type }) => type)).toEqual(['Schema.Created'])
    expect(await typesOf($)).toEqual(['Contact.Created', 'Contact.Updated'])
  })

  test('is executed once, as it was shown, or refused if it would do something else by now', async () => {
    const $ = client()
    const { $id } = await $.Contact.create({ name: 'Ada' })
    const tried = await $.Contact.qualify($id, {}, { dryRun: true })
    expect(await $.plans.execute(tried)).toMatchObject({ $id, stage: 'Qualified', $version: 2 })
    expect(await refusal($.plans.execute(tried))).toMatchObject({ code: 'conflict', status: 409 })
    const batch = await $.batch((tx) => ({ bo: tx.Contact.create({ name: 'Bo' }) }), { dryRun: true })
    const made = await $.plans.execute(batch)
    expect(made).toMatchObject({ commit: 3, result: { bo: { name: 'Bo' } } })
    expect(made.result.bo.$id).toBe(batch.result?.result.bo.$id)
    const outdated = await $.Contact.update($id, { title: 'CTO' }, { dryRun: true })
    await $.Contact.update($id, { title: 'CEO' })
    const error = await refusal($.plans.execute(outdated))
    expect(error).toMatchObject({ code: 'plan_outdated', status: 409, detail: { dryRun: { dryRun: true } } })
    const [many] = [await $.Contact.createMany([{ name: 'Cy' }], { dryRun: true })]
    expect(await $.plans.execute(many)).toMatchObject({ commits: [5], matched: 1 })
    expect(await refusal($.plans.execute('nothing'))).toMatchObject({ code: 'not_found' })
  })

  test('shows a refusal instead of throwing it', async () => {
    const $ = client()
    await $.Contact.create({ name: 'Ada', email: 'ada@example.com' })
    const tried = await $.Contact.create({ name: 'Eve', email: 'ada@example.com' }, { dryRun: true })
    expect(tried).toMatchObject({ events: [], result: null, refusals: [{ status: 409, problem: { field: 'email' } }] })
  })
})

describe('commits', () => {
  test('are listed newest first, whole, also over many pages', async () => {
    const $ = client()
    await $.Contact.create({ name: 'first' })
    const names = Array.from({ length: 70 }, (_, at) => `${at}`)
    for (let round = 0; round < 3; round++) await $.batch((tx) => names.map((name) => tx.Contact.create({ name })))
    await $.Contact.create({ name: 'last' })
    const all = await $.commits.list()
    expect(all.map(({ commit, events }) => [commit, events.length])).toEqual([
      [212, 1],
      [142, 70],
      [72, 70],
      [2, 70],
      [1, 1],
    ])
    expect((await $.commits.list({ limit: 2, before: 212 })).map(({ commit }) => commit)).toEqual([142, 72])
    expect(all[1]).toEqual(await $.commits.get(142))
    expect(await refusal($.commits.get(143))).toMatchObject({ code: 'not_found' })
    expect(await refusal($.commits.get(0))).toMatchObject({ code: 'invalid_id' })
  })

  test('are taken back by number, by range and by actor, after a dry run', async () => {
    const $ = client()
    const { commit, result } = await $.batch((tx) => {
      const org = tx.Organization.create({ name: 'Acme' })
      return tx.Contact.create({ name: 'Ada', organization: org.$id })
    })
    await $.Contact.update(result.$id, { title: 'CTO' })
    const tried = await $.commits.undo(3, { dryRun: true })
    expect(tried).toMatchObject({ refusals: [], events: [{ type: 'Contact.Updated', undoes: 3 }] })
    expect(await typesOf($)).toHaveLength(3)
    const undone = await $.commits.undo(3)
    expect(undone).toMatchObject({ commit: 4, events: [{ type: 'Contact.Updated', undoes: 3 }] })
    expect(await $.Contact.get(result.$id)).not.toHaveProperty('title')
    await $.commits.undo({ from: commit ?? 0, to: 4 })
    expect(await $.Contact.count()).toBe(0)
    expect(await $.Organization.count()).toBe(0)
    const since = new Date(Date.now() - 60_000)
    await $.Contact.create({ name: 'Bo' })
    expect(await $.commits.undo({ actor: 'owner', since }, { dryRun: true })).toMatchObject({ dryRun: true })
  })

  test('whose changes were changed since conflict, and the error lists them', async () => {
    const $ = client()
    const { $id } = await $.Contact.create({ name: 'Ada' })
    await $.Contact.update($id, { title: 'CTO' })
    await $.Contact.update($id, { title: 'CEO' })
    const error = await refusal($.commits.undo(2))
    expect(error).toMatchObject({ code: 'undo_conflict', status: 409 })
    expect(error.detail['conflicts']).toMatchObject([{ id: $id, field: 'title', reason: 'changed', commit: 3 }])
    expect((await $.commits.undo(2, { dryRun: true })).refusals).toMatchObject([{ problem: { code: 'undo_conflict' } }])
    expect(await refusal($.commits.undo({ from: 2 } as never))).toMatchObject({ code: 'invalid_body' })
  })

  test('are delivered whole to their subscribers, and as events to those of events', async () => {
    const $ = client()
    await $.Contact.create({ name: 'before' })
    const [commits, seqs, later]: [number[][], number[], number[]] = [[], [], []]
    const stops = [
      $.commits.subscribe('Contact.*', ({ events }) => void commits.push(events.map(({ seq }) => seq))),
      $.events.subscribe('*', ({ seq }) => void seqs.push(seq)),
    ]
    await $.batch((tx) => {
      const org = tx.Organization.create({ name: 'Acme' })
      for (const name of ['a', 'b']) tx.Contact.create({ name, organization: org.$id })
    })
    await $.Contact.create({ name: 'after' })
    await until(() => commits.length === 2 && seqs.length === 4)
    stops.push($.events.subscribe('*', ({ seq }) => void later.push(seq), { after: 3 }))
    await until(() => later.length === 2)
    for (const stop of stops) stop()
    expect(commits).toEqual([[3, 4], [5]])
    expect(seqs).toEqual([2, 3, 4, 5])
    expect(later).toEqual([4, 5])
    expect($.bookmark).toMatch(/\.5$/)
  })
})
