// The client against the shipped server: entities, lists, options and errors.

import { type Client, Headlessly, HeadlesslyError } from '@headlessly/sdk'
import { describe, expect, test } from 'vitest'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'

const { url, tenant } = useServer({ flush: { intervalMs: 200 } })
const client = (): Client => Headlessly({ tenant: tenant(), endpoint: url() })

async function refusal(call: PromiseLike<unknown>): Promise<HeadlesslyError> {
  try {
    await call
  } catch (error) {
    if (error instanceof HeadlesslyError) return error
    throw error
  }
  throw new Error('it was not refused')
}

describe('one entity', () => {
  test('can be created, read, changed and deleted, and its past stays readable', async () => {
    const $ = client()
    const ada = await $.Contact.create({ name: 'Ada', email: 'ada@example.com', lastEngagement: new Date(0) })
    expect(ada).toMatchObject({
      $type: 'Contact',
      $version: 1,
      stage: 'Lead',
      lastEngagement: '1970-01-01T00:00:00.000Z',
    })
    expect(ada.$context).toBe($.context)
    expect(await $.Contact.get(ada.$id)).toEqual(ada)
    const named = await $.Contact.update(ada.$id, { name: 'Ada Lovelace', email: null })
    expect(named).toMatchObject({ $version: 2, name: 'Ada Lovelace' })
    expect('email' in named).toBe(false)
    expect(await $.Contact.update({ id: ada.$id, title: 'Countess' })).toMatchObject({ $version: 3, title: 'Countess' })
    expect(await $.Contact.delete(ada.$id)).toBeUndefined()
    expect(await $.Contact.get(ada.$id)).toBeNull()
    expect(await $.Contact.get(ada.$id, { asOf: named.$updatedAt })).toMatchObject({ name: 'Ada Lovelace' })
  })

  test('can be sent back whole after a read', async () => {
    const $ = client()
    const deal = await $.Deal.create({ name: 'Engine', value: 100 })
    expect(await $.Deal.update({ ...deal, value: 200 })).toMatchObject({ $id: deal.$id, $version: 2, value: 200 })
  })

  test('is null if it does not exist, and an id of another Noun is an error', async () => {
    const $ = client()
    expect(await $.Contact.get('contact_0123456789AB')).toBeNull()
    const error = await refusal($.Contact.get('deal_0123456789AB'))
    expect(error).toMatchObject({ code: 'invalid_id', field: 'id' })
    expect(error.message).toContain('Contact.get')
    expect(await refusal($.Contact.delete(''))).toMatchObject({ code: 'invalid_id' })
  })

  test('at another version than ifVersion is a conflict, whose error has the current version', async () => {
    const $ = client()
    const { $id } = await $.Deal.create({ name: 'Engine', value: 1 })
    await $.Deal.update($id, { value: 2 }, { ifVersion: 1 })
    const error = await refusal($.Deal.update($id, { value: 3 }, { ifVersion: 1 }))
    expect(error).toMatchObject({ code: 'version_conflict', status: 409, detail: { currentVersion: 2 } })
    expect(error.requestId).toMatch(/^req_/)
  })

  test('has a history and diffs, and can be rolled back', async () => {
    const $ = client()
    const { $id } = await $.Deal.create({ name: 'Engine', value: 1 })
    for (let value = 2; value <= 5; value++) await $.Deal.update($id, { value })
    const history = await $.Deal.history($id, { limit: 2 })
    expect(history.map(({ type, data }) => [type, data.value])).toEqual([
      ['Deal.Created', 1],
      ['Deal.Updated', 2],
    ])
    expect(history.hasMore).toBe(true)
    const versions: number[] = []
    for await (const event of $.Deal.history($id)) versions.push(event.version)
    expect(versions).toEqual([1, 2, 3, 4, 5])
    const { before, after, changes, events } = await $.Deal.diff($id, { from: 2, to: 4 })
    expect([before?.value, after?.value, events.length]).toEqual([2, 4, 2])
    expect(changes).toEqual([{ field: 'value', from: 2, to: 4 }])
    expect(await $.Deal.rollback($id, { version: 3 })).toMatchObject({ value: 3, $version: 6 })
  })

  test('is part of groups with typed counts, sums and periods', async () => {
    const $ = client()
    await $.Deal.create({ name: 'a', value: 100, probability: 50, stage: 'Won', closedAt: '2026-03-31T22:30:00Z' })
    await $.Deal.create({ name: 'b', value: 0.5, probability: 10 })
    const groups = await $.Deal.aggregate(
      { value: { $gt: 0 } },
      { by: ['stage', 'month(closedAt)'], sum: ['value*probability/100'], max: 'closedAt', zone: 'Europe/Berlin' },
    )
    const [open, won] = groups
    const stage:
      | 'Prospecting'
      | 'Qualification'
      | 'Proposal'
      | 'Negotiation'
      | 'Closed'
      | 'Won'
      | 'Lost'
      | null
      | undefined = won?.by.stage
    const weighted: number | undefined = open?.sum['value*probability/100']
    expect([stage, weighted, groups.hasMore]).toEqual(['Won', 0.05, false])
    expect(won).toEqual({
      by: { stage: 'Won', 'month(closedAt)': '2026-04' },
      count: 1,
      sum: { 'value*probability/100': 100 },
      max: { closedAt: '2026-03-31T22:30:00.000Z' },
    })
    // @ts-expect-error no such field
    expect(await refusal($.Deal.aggregate({}, { by: ['stag'] }))).toMatchObject({
      code: 'invalid_aggregate',
      field: 'by',
    })
    // @ts-expect-error not a number
    expect(await refusal($.Deal.aggregate({}, { sum: ['name'] }))).toMatchObject({
      code: 'invalid_aggregate',
      field: 'sum',
    })
  })

  test('is created once by two requests with the same key', async () => {
    const $ = client()
    const [first, second] = [
      await $.Contact.create({ name: 'Ada' }, { idempotencyKey: 'one' }),
      await $.Contact.create({ name: 'Ada' }, { idempotencyKey: 'one' }),
    ]
    expect(second).toEqual(first)
    expect(await $.Contact.count()).toBe(1)
    expect(await refusal($.Contact.create({ name: 'Bob' }, { idempotencyKey: 'one' }))).toMatchObject({
      code: 'idempotency_mismatch',
    })
  })
})

describe('a verb', () => {
  test('can be called with an id, with an id and data, and with data that contains the id', async () => {
    const $ = client()
    const { $id } = await $.Contact.create({ name: 'Ada' })
    expect(await $.Contact.qualify($id)).toMatchObject({ stage: 'Qualified', $version: 2 })
    expect(await $.Contact.enrich($id, { leadScore: 7 })).toMatchObject({ leadScore: 7 })
    expect(await $.Contact.enrich({ id: $id, leadScore: 8 })).toMatchObject({ leadScore: 8 })
    expect(await $.Contact.enrich({ $id, leadScore: 9 }, { ifVersion: 4 })).toMatchObject({ $version: 5 })
    // @ts-expect-error data in place of options
    expect(await refusal($.Contact.enrich({ id: $id }, { leadScore: 9 }))).toMatchObject({ field: 'leadScore' })
    const types = (await $.Contact.history($id)).map((event) => event.type)
    expect(types).toEqual([
      'Contact.Created',
      'Contact.Qualified',
      ...Array.from({ length: 3 }, () => 'Contact.Enriched'),
    ])
    // The entity is Qualified already, so there is nothing to be qualified by these data.
    expect(await refusal($.Contact.qualify($id, { leadScore: 10 }))).toMatchObject({ code: 'invalid_transition' })
  })

  test('needs an id, unless it creates', async () => {
    const $ = client()
    expect(await $.Contact.capture({ name: 'Ada' })).toMatchObject({ $version: 1, stage: 'Lead' })
    expect((await $.events.list()).map((event) => event.type)).toEqual(['Contact.Captured'])
    // @ts-expect-error no id
    expect(await refusal($.Contact.qualify({ leadScore: 1 }))).toMatchObject({ code: 'invalid_id' })
  })

  test('accepts arguments that are not fields of its entity', async () => {
    const $ = client()
    const flag = await $.FeatureFlag.create({ key: 'new-console', name: 'New console' })
    expect(await $.FeatureFlag.rollout(flag.$id, { percentage: 25 })).toMatchObject({ rolloutPercentage: 25 })
  })
})

describe('a list', () => {
  test('is an array with a cursor, and with a total if that is requested', async () => {
    const $ = client()
    await $.Deal.createMany(Array.from({ length: 7 }, (_, at) => ({ name: `Deal ${at}`, value: at })))
    const page = await $.Deal.find({ value: { $gte: 2 } }, { sort: { value: -1 }, limit: 3 })
    expect(page.map((deal) => deal.value)).toEqual([6, 5, 4])
    expect(page).toMatchObject({ total: null, hasMore: true })
    expect(Object.keys(page)).toEqual(['0', '1', '2'])
    const next = await $.Deal.find({ value: { $gte: 2 } }, { sort: { value: -1 }, limit: 3, cursor: page.cursor ?? '' })
    expect(next.map((deal) => deal.value)).toEqual([3, 2])
    expect(next).toMatchObject({ hasMore: false, cursor: null })
    const counted = await $.Deal.find({ value: { $gte: 2 } }, { limit: 3, count: 'exact' })
    expect(counted).toMatchObject({ length: 3, total: 5, hasMore: true })
    expect(await $.Deal.find({}, { limit: 3 })).toMatchObject({ total: 7, hasMore: true })
    expect(await $.Deal.count({ value: { $lt: 2 } })).toBe(2)
    expect(await $.Deal.findOne({}, { sort: '-value' })).toMatchObject({ value: 6 })
    expect(await $.Deal.findOne({ value: 99 })).toBeNull()
  })

  test('is read to its end by for await, and beyond the page size of the server by await', async () => {
    const $ = client()
    await $.Comment.createMany(Array.from({ length: 230 }, (_, at) => ({ body: `${at}` })))
    const seen = new Set<string>()
    for await (const comment of $.Comment.find()) seen.add(comment.body)
    expect(seen.size).toBe(230)
    expect(await $.Comment.find()).toHaveLength(50)
    expect(await $.Comment.find({}, { limit: 205 })).toMatchObject({ length: 205, hasMore: true })
    const filter = { body: { $exists: true } }
    expect(await $.Comment.find(filter, { limit: 120 })).toMatchObject({ total: null, hasMore: true })
    expect(await $.Comment.find(filter, { limit: 120, count: 'exact' })).toMatchObject({ length: 120, total: 230 })
    expect(await $.Comment.find(filter, { limit: 230 })).toMatchObject({ length: 230, total: 230, hasMore: false })
    const some: string[] = []
    for await (const comment of $.Comment.find({}, { limit: 120 })) some.push(comment.body)
    expect(some).toHaveLength(120)
  })

  test('sends nothing before it is awaited, and one request however often it is awaited', async () => {
    let sent = 0
    const counting: typeof fetch = (input, init) => {
      sent++
      return fetch(input, init)
    }
    const $ = Headlessly({ tenant: tenant(), endpoint: url(), fetch: counting })
    const deals = $.Deal.find()
    expect(sent).toBe(0)
    await Promise.all([deals, deals, deals.finally(() => {})])
    expect(sent).toBe(1)
  })

  test('includes related entities, and only the named fields', async () => {
    const $ = client()
    const organization = await $.Organization.create({ name: 'Analytical Engines' })
    const ada = await $.Contact.create({ name: 'Ada', organization: organization.$id })
    await $.Deal.create({ name: 'Engine', value: 1, contact: ada.$id })
    const found = await $.Contact.get(ada.$id, { include: ['organization', 'deals'] })
    expect([found?.organization?.name, found?.deals.map((deal) => deal.name)]).toEqual([
      'Analytical Engines',
      ['Engine'],
    ])
    const [row] = await $.Contact.find(
      { 'organization.name': 'Analytical Engines' },
      { fields: ['name'], include: 'deals' },
    )
    expect(Object.keys(row ?? {}).toSorted()).toEqual(['$id', '$type', 'deals', 'name'])
  })

  test('a relation to several Nouns has an inverse on each of them, in the object and in files', async () => {
    const $ = client()
    const user = await $.User.create({ name: 'Uma', email: 'uma@example.com' })
    const contact = await $.Contact.create({ name: 'Ada' })
    await $.Deal.create({ name: 'Engine', value: 1, owner: user.$id })
    await $.Deal.create({ name: 'Loom', value: 2, owner: contact.$id })
    const owned = async (strong: boolean): Promise<unknown> => {
      const users = await $.User.find({}, { include: 'ownedDeals', strong })
      const contacts = await $.Contact.find({}, { include: 'ownedDeals', strong })
      return [...users, ...contacts].map(({ name, ownedDeals }) => [name, ownedDeals.map((deal) => deal.name)])
    }
    const expected = [
      ['Uma', ['Engine']],
      ['Ada', ['Loom']],
    ]
    expect(await owned(true)).toEqual(expected)
    await $.lake.flush()
    expect(await owned(false)).toEqual(expected)
  })

  test('refuses values that JSON would change', async () => {
    const $ = client()
    const error = await refusal($.Deal.find({ stage: undefined } as never))
    expect(error.message).toBe("Deal.find: 'stage' expects a value that JSON can express, got undefined")
    const never = new Date('never')
    const { $id } = await $.Contact.create({ name: 'Ada', lastEngagement: new Date() })
    expect(await refusal($.Contact.update($id, { lastEngagement: never }))).toMatchObject({ code: 'validation_error' })
    expect(await refusal($.Contact.get($id, { asOf: never }))).toMatchObject({ code: 'invalid_as_of', field: 'asOf' })
    expect(await refusal($.Contact.rollback($id, { asOf: never }))).toMatchObject({ field: 'asOf' })
    expect(await refusal($.Deal.find({}, { limit: 1_001 }))).toMatchObject({ code: 'invalid_limit' })
    expect(await refusal($.Deal.count({ value: { $gt: Number.NaN } }))).toMatchObject({ code: 'invalid_filter' })
    expect(await refusal($.Deal.updateMany({ stage: undefined } as never, { value: 0 }))).toMatchObject({
      code: 'invalid_filter',
    })
    expect(await refusal($.Deal.create({ name: 'x', value: Number.POSITIVE_INFINITY }))).toMatchObject({
      code: 'validation_error',
      field: 'value',
    })
  })
})

describe('many', () => {
  test('are created in order, and changed and deleted by a filter or by ids, each time as one commit', async () => {
    const $ = client()
    const rows = Array.from({ length: 40 }, (_, at) => ({ name: `Deal ${at}`, value: at }))
    const made = await $.Deal.createMany(rows)
    expect(made).toMatchObject({ commits: [1], matched: 40, changed: 40 })
    const byId = new Map((await $.Deal.find({}, { limit: 100 })).map((deal) => [deal.$id, deal.value]))
    expect(made.ids.map((id) => byId.get(id))).toEqual(rows.map((row) => row.value))
    const changed = await $.Deal.updateMany({ value: { $gte: 30 } }, { value: 0 })
    expect(changed).toMatchObject({ commits: [41], matched: 10, changed: 10 })
    expect(await $.Deal.updateMany(made.ids.slice(0, 3), { value: 0 })).toMatchObject({ matched: 3, changed: 2 })
    expect(await $.Deal.count({ value: 0 }, { strong: true })).toBe(13)
    expect(await $.Deal.deleteMany({ value: 0 }, { dryRun: true })).toMatchObject({ result: { matched: 13 } })
    expect(await $.Deal.deleteMany({ value: 0 })).toMatchObject({ matched: 13, changed: 13 })
    expect(await $.Deal.deleteMany(made.ids.slice(10, 12))).toMatchObject({ matched: 2 })
    expect(await $.Deal.count({}, { strong: true })).toBe(25)
    expect(await $.Deal.updateMany({ value: -1 }, { value: 0 })).toEqual({
      commits: [],
      matched: 0,
      changed: 0,
      ids: [],
    })
  })

  test('are refused together if one is, which the error names, and nothing is written', async () => {
    const $ = client()
    const rows = (email: string): { name: string; email: string }[] =>
      Array.from({ length: 30 }, (_, at) => ({ name: `${at}`, email: at === 3 ? email : `c${at}@example.com` }))
    const error = await refusal($.Contact.createMany(rows('no email'), { idempotencyKey: 'many' }))
    expect(error).toMatchObject({ code: 'validation_error', field: 'email', detail: { index: 3, written: 0 } })
    expect(error.message).toMatch(/^Contact.createMany: number 3 was refused, 0 others were written before: /)
    expect(await $.Contact.count({}, { strong: true })).toBe(0)
    const made = await $.Contact.createMany(rows('c3@example.com'), { idempotencyKey: 'many' })
    expect(await $.Contact.createMany(rows('c3@example.com'), { idempotencyKey: 'many' })).toEqual(made)
    expect(await $.Contact.count({}, { strong: true })).toBe(30)
    const tried = await $.Contact.createMany([{ name: 'x' }, { name: 'y', email: 'c3@example.com' }], { dryRun: true })
    expect(tried).toMatchObject({ events: [], refusals: [{ status: 409, problem: { field: 'entities[1].email' } }] })
  })
})

test('an error has the code, the field and the message of the server', async () => {
  const $ = client()
  const error = await refusal($.Contact.create({ name: 'Ada', emial: 'x', stage: 'Led' } as never))
  expect(error).toMatchObject({ name: 'HeadlesslyError', code: 'validation_error', status: 422 })
  expect(error.errors.map((fault) => fault.field).toSorted()).toEqual(['emial', 'stage'])
  expect(error.message).toContain('emial')
})

test('a write says when it happened, and what is now to it is of that time', async () => {
  const $ = client()
  const at = new Date('2026-01-16T17:30:00Z')
  const happened = at.toISOString()
  const deal = await $.Deal.create({ name: 'Engine', value: 1 }, { at: '2026-01-05T10:00:00+01:00' })
  expect(await $.Deal.win(deal.$id, {}, { at })).toMatchObject({ closedAt: happened })
  const { result } = await $.batch(
    ($) => ({
      lost: $.Deal.create({ name: 'Pump', value: 2 }, { at: '2026-01-02T00:00:00Z' }),
      kept: $.Deal.create({ name: 'Valve', value: 3 }),
    }),
    { at },
  )
  await $.do(
    async ($, id) => {
      await $.Deal.update(id, { value: 4 })
      await $.Deal.update(id, { value: 5 }, { at: '2026-01-03T00:00:00Z' })
    },
    { given: result.kept.$id, at },
  )
  await $.Deal.createMany([{ name: 'Gear', value: 6 }], { at })
  const events = await $.events.list({ limit: 100 })
  expect(events.map(({ type, effective }) => [type, effective])).toEqual([
    ['Deal.Created', '2026-01-05T09:00:00.000Z'],
    ['Deal.Won', happened],
    ['Deal.Created', '2026-01-02T00:00:00.000Z'],
    ['Deal.Created', happened],
    ['Deal.Updated', happened],
    ['Deal.Updated', '2026-01-03T00:00:00.000Z'],
    ['Deal.Created', happened],
  ])
  for (const wrong of [new Date('never'), '2026-01-05', '2999-01-01T00:00:00Z'])
    expect(await refusal($.Deal.win(deal.$id, {}, { at: wrong }))).toMatchObject({ field: 'at' })
})
