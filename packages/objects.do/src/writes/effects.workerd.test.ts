// Effects on other entities, in the commit of the write that caused them: touches, merges, deletions, and verbs of own Nouns.

import { env } from 'cloudflare:test'
import {
  type Entity,
  nouns,
  ObjectError,
  type ObjectErrorData,
  type ObjectEvent,
  type NounAuthority,
} from 'digital-objects'
import { beforeEach, describe, expect, test } from 'vitest'
import { ask, askRead } from '../../test/ask-tenant.ts'
import { caller } from '../../test/generated-tenant.ts'
import type { Answer, Answered } from '../answers/answer.ts'
import type { Caller } from '../answers/caller.ts'

type Json = Readonly<Record<string, unknown>>
interface Asked {
  readonly id?: string
  readonly ifVersion?: number
  readonly by?: Caller
  readonly idempotencyKey?: string
  readonly isDryRun?: true
}

let stub = env.TENANTS.get(env.TENANTS.newUniqueId())
beforeEach(() => {
  stub = env.TENANTS.get(env.TENANTS.newUniqueId())
})

function send(noun: string, verb: string, body: Json = {}, { by = caller, ...asked }: Asked = {}): Promise<Answer> {
  return ask(stub, by, { kind: 'write', noun, verb, body: JSON.stringify(body), ...asked })
}

async function write(noun: string, verb: string, body: Json = {}, asked: Asked = {}): Promise<Answered> {
  const answer = await send(noun, verb, body, asked)
  if (!answer.ok) throw new ObjectError(answer.error)
  return answer
}

async function create(noun: string, body: Json, verb = 'create'): Promise<string> {
  return (await write(noun, verb, body)).createdId ?? ''
}

async function refusal(noun: string, verb: string, body: Json = {}, asked: Asked = {}): Promise<ObjectErrorData> {
  const answer = await send(noun, verb, body, asked)
  if (answer.ok) throw new Error(`${noun}.${verb} was accepted`)
  return answer.error
}

async function get(noun: string, id: string): Promise<Entity> {
  const answer = await askRead(stub, caller, { read: 'get', noun, id })
  if (!answer.ok) throw new ObjectError(answer.error)
  return JSON.parse(answer.body) as Entity
}

async function missing(noun: string, id: string, by: Caller = caller): Promise<ObjectErrorData> {
  const answer = await askRead(stub, by, { read: 'get', noun, id })
  if (answer.ok) throw new Error(`${id} exists`)
  return answer.error
}

async function define(noun: string, definition: Json): Promise<void> {
  await write(noun, 'schema.put', definition)
}

async function eventsAfter(after: number): Promise<readonly ObjectEvent[]> {
  const answer = await askRead(stub, caller, { read: 'events', parameters: { after: String(after), limit: '1000' } })
  if (!answer.ok) throw new ObjectError(answer.error)
  return (JSON.parse(answer.body) as { results: ObjectEvent[] }).results
}

const head = async (): Promise<number> => (await eventsAfter(0)).length

describe('touches', () => {
  test('an activity touches its contact and deal in its own commit, with its own time', async () => {
    const contact = await create('Contact', { name: 'Ada' })
    const deal = await create('Deal', { name: 'Big', value: 1, contact })
    const before = await head()
    const { commit } = await write('Activity', 'log', {
      subject: 'Call',
      contact,
      deal,
      completedAt: '2026-01-05T10:00:00Z',
    })
    const events = await eventsAfter(before)
    expect(events.map(({ type, target, via }) => [type, target, via])).toEqual([
      ['Activity.Logged', events[0]?.target, caller.via],
      ['Contact.Updated', contact, 'effect'],
      ['Deal.Updated', deal, 'effect'],
    ])
    expect(events.map((event) => [event.commit, event.timestamp, event.actor])).toEqual(
      events.map(() => [commit, events[0]?.timestamp, events[0]?.actor]),
    )
    expect(events.map(({ causedBy }) => causedBy)).toEqual([undefined, events[0]?.id, events[0]?.id])
    expect(await get('Contact', contact)).toMatchObject({ lastEngagement: '2026-01-05T10:00:00.000Z', $version: 2 })
    expect(await get('Deal', deal)).toMatchObject({ lastActivityAt: '2026-01-05T10:00:00.000Z', $version: 2 })
  })

  test('a time never steps back, and never passes that of the event', async () => {
    const contact = await create('Contact', { name: 'Ada' })
    const log = (completedAt: string): Promise<Answered> =>
      write('Activity', 'log', { subject: 'Call', contact, completedAt })
    await log('2026-01-05T10:00:00Z')
    const before = await head()
    await log('2025-12-31T10:00:00Z')
    expect((await eventsAfter(before)).map(({ type }) => type)).toEqual(['Activity.Logged'])
    await log('2999-01-01T00:00:00Z')
    const last = (await eventsAfter(before)).at(-1)
    expect(last?.data).toMatchObject({ lastEngagement: last?.timestamp })
  })

  test('a change for the version before a touch is accepted and keeps the touch; one of the touched field conflicts', async () => {
    const deal = await create('Deal', { name: 'Big', value: 1 })
    const whole = await get('Deal', deal)
    await write('Activity', 'log', { subject: 'Call', deal, completedAt: '2026-01-05T10:00:00Z' })
    await write('Activity', 'log', { subject: 'Call', deal, completedAt: '2026-01-06T10:00:00Z' })
    expect(await get('Deal', deal)).toMatchObject({ $version: 3 })
    const own = { lastActivityAt: '2020-01-01T00:00:00.000Z' }
    expect(await refusal('Deal', 'update', own, { id: deal, ifVersion: 1 })).toMatchObject({ code: 'version_conflict' })
    // The whole entity, sent back with another value.
    await write('Deal', 'update', { ...whole, value: 2 }, { id: deal, ifVersion: 1 })
    expect(await get('Deal', deal)).toMatchObject({ value: 2, lastActivityAt: '2026-01-06T10:00:00.000Z', $version: 4 })
    // Version 4 was made by a caller.
    for (const version of [1, 2, 3])
      expect(await refusal('Deal', 'update', { value: 3 }, { id: deal, ifVersion: version })).toMatchObject({
        code: 'version_conflict',
        detail: { currentVersion: 4 },
      })
    await write('Activity', 'log', { subject: 'Call', deal })
    await write('Deal', 'win', {}, { id: deal, ifVersion: 4 })
    await write('Deal', 'delete', {}, { id: deal, ifVersion: 6 })
  })
})

describe('merges', () => {
  /** Every reference to Contact of the 35 Nouns, with a body that makes an entity with it. */
  const references = Object.values(nouns).flatMap(({ $schema }) =>
    Object.values($schema.fields).flatMap((field) =>
      field.kind === 'reference' && field.to.includes('Contact') ? [{ noun: $schema.name, field: field.name }] : [],
    ),
  )
  const samples: Readonly<Record<string, unknown>> = { url: 'https://example.com/a', number: 1, email: 'x@example.com' }
  const requiredOf = (noun: string, customer: string): Json =>
    Object.fromEntries(
      Object.values(nouns[noun as keyof typeof nouns].$schema.fields).flatMap((field) => {
        if (field.kind === 'reverse' || !field.required) return []
        return [
          [
            field.name,
            field.kind === 'data' ? (samples[field.type] ?? 'x') : field.kind === 'enum' ? field.values[0] : customer,
          ],
        ]
      }),
    )

  test('a merge moves every reference of every Noun, own ones and lists included, and fills blanks', async () => {
    await define('Club', { fields: { name: 'string!', members: '-> Contact.clubs[]!', boss: '-> User | Contact' } })
    const survivor = await create('Contact', { name: 'Ada', phone: '1' })
    const other = await create('Contact', {
      name: 'A. Lovelace',
      email: 'ada@example.com',
      phone: '2',
      title: 'Countess',
    })
    const third = await create('Contact', { name: 'Third' })
    const made: { noun: string; id: string; field: string }[] = []
    const customer = await create('Customer', { name: 'Ada' })
    for (const { noun, field } of references)
      made.push({ noun, field, id: await create(noun, { ...requiredOf(noun, customer), [field]: other }) })
    const club = await create('Club', { name: 'Club', members: [third, other, survivor, other], boss: other })
    const before = await head()
    const answer = await write('Contact', 'merge', { from: other, department: 'Math' }, { id: survivor })
    const events = await eventsAfter(before)
    expect(new Set(events.map(({ commit }) => commit))).toEqual(new Set([answer.commit]))
    expect(events[0]).toMatchObject({ type: 'Contact.Merged', target: survivor })
    expect(new Set(events.slice(1).map(({ causedBy, via }) => `${causedBy} ${via}`))).toEqual(
      new Set([`${events[0]?.id} effect`]),
    )

    for (const { noun, id, field } of made) expect((await get(noun, id))[field], `${noun}.${field}`).toBe(survivor)
    expect(await get('Club', club)).toMatchObject({ members: [third, survivor], boss: survivor })
    expect(made.length).toBe(27)
    const merged = await get('Contact', survivor)
    expect(merged).toMatchObject({
      name: 'Ada',
      phone: '1',
      title: 'Countess',
      department: 'Math',
      email: 'ada@example.com',
    })
    expect(JSON.parse(answer.body)).toEqual(merged)
    expect(answer.version).toBe(merged.$version)

    expect(await missing('Contact', other)).toMatchObject({
      code: 'not_found',
      detail: { id: other, mergedInto: survivor },
    })
    expect(await refusal('Contact', 'update', { name: 'x' }, { id: other })).toMatchObject({
      code: 'not_found',
      detail: { mergedInto: survivor },
    })
    // A new reference to the merged contact leads to the survivor, which then is no change for the club.
    const deal = await create('Deal', { name: 'x', value: 1, contact: other })
    expect(await get('Deal', deal)).toMatchObject({ contact: survivor })
    expect((await write('Club', 'update', { boss: other }, { id: club })).isUnchanged).toBe(true)
  })

  test('an undo takes a merge back, and the undo of that undo makes it again, tombstone included', async () => {
    await define('Club', { fields: { name: 'string!', members: '-> Contact.clubs[]' } })
    const survivor = await create('Contact', { name: 'Ada' })
    const other = await create('Contact', { name: 'Other', email: 'o@example.com', phone: '2' })
    const club = await create('Club', { name: 'Club', members: [other, survivor] })
    const deal = await create('Deal', { name: 'x', value: 1, contact: other })
    const all = [
      ['Contact', survivor],
      ['Contact', other],
      ['Club', club],
      ['Deal', deal],
    ] as const
    const fieldsNow = async (): Promise<readonly Json[]> =>
      Promise.all(
        all.map(async ([noun, id]) => {
          const answer = await askRead(stub, caller, { read: 'get', noun, id })
          const entity = answer.ok ? (JSON.parse(answer.body) as Json) : {}
          return Object.fromEntries(Object.entries(entity).filter(([name]) => !name.startsWith('$')))
        }),
      )
    const before = await fieldsNow()
    const { commit } = await write('Contact', 'merge', { from: other }, { id: survivor })
    const merged = await fieldsNow()
    const undone = await write('', 'commits.undo', {}, { id: String(commit) })
    expect(await fieldsNow()).toEqual(before)
    await write('', 'commits.undo', {}, { id: String(undone.commit) })
    expect(await fieldsNow()).toEqual(merged)
    expect(await missing('Contact', other)).toMatchObject({ detail: { mergedInto: survivor } })
  })

  test('a dry run shows a merge, and its plan is outdated once somebody else refers to the merged contact', async () => {
    const survivor = await create('Contact', { name: 'Ada' })
    const other = await create('Contact', { name: 'Other', email: 'o@example.com' })
    await create('Deal', { name: 'x', value: 1, contact: other })
    const before = await head()
    const dry = await write('Contact', 'merge', { from: other }, { id: survivor, isDryRun: true })
    const { events, plan } = JSON.parse(dry.body) as { events: readonly ObjectEvent[]; plan: string }
    const types = ['Contact.Merged', 'Deal.Updated', 'Contact.Deleted', 'Contact.Updated']
    expect(events.map(({ type }) => type)).toEqual(types)
    expect(await head()).toBe(before)
    await create('Deal', { name: 'y', value: 1, contact: other })
    const error = await refusal('', 'commits.plan', {}, { id: plan })
    expect(error).toMatchObject({ code: 'plan_outdated' })
    const { dryRun: retried } = error.detail as unknown as { readonly dryRun: { readonly plan: string } }
    await write('', 'commits.plan', {}, { id: retried.plan })
    const made = await eventsAfter(before + 1)
    expect(made.map(({ type }) => type)).toEqual(['Contact.Merged', 'Deal.Updated', 'Deal.Updated', ...types.slice(2)])
  })

  test('a merged id is followed through later merges', async () => {
    const [a, b, c] = [
      await create('Contact', { name: 'a' }),
      await create('Contact', { name: 'b' }),
      await create('Contact', { name: 'c' }),
    ]
    await write('Contact', 'merge', { from: [a] }, { id: b })
    await write('Contact', 'merge', { from: [b] }, { id: c })
    expect(await missing('Contact', a)).toMatchObject({ detail: { mergedInto: c } })
    await write('Contact', 'delete', {}, { id: c })
    expect((await missing('Contact', a)).detail).not.toHaveProperty('mergedInto')
    expect((await missing('Contact', c)).detail).not.toHaveProperty('mergedInto')
  })

  test('contacts that refer to each other merge without a reference to themselves', async () => {
    const boss = await create('Contact', { name: 'boss' })
    const other = await create('Contact', { name: 'other', manager: boss, assignee: boss })
    const third = await create('Contact', { name: 'third', manager: other })
    await write('Contact', 'update', { assignee: other }, { id: boss })
    await write('Contact', 'merge', { from: [other, third] }, { id: boss })
    expect(await get('Contact', boss)).not.toHaveProperty('manager')
    expect(await get('Contact', boss)).not.toHaveProperty('assignee')
  })

  test('a merge takes no manager from a contact who works under the survivor', async () => {
    const survivor = await create('Contact', { name: 'Ada' })
    const between = await create('Contact', { name: 'Bo', manager: survivor })
    const other = await create('Contact', { name: 'A. Lovelace', title: 'Countess', manager: between })
    await write('Contact', 'merge', { from: other }, { id: survivor })
    expect(await get('Contact', survivor)).toMatchObject({ title: 'Countess' })
    expect(await get('Contact', survivor)).not.toHaveProperty('manager')
    expect(await get('Contact', between)).toMatchObject({ manager: survivor })
  })

  test.each([
    [{}, 'validation_error', 'Contact.merge'],
    [{ from: 7 }, 'validation_error', "'from' expects the id of a Contact"],
    [{ from: [] }, 'validation_error', "'from' expects the id of a Contact"],
    [{ from: 'contact_000000000000' }, 'invalid_reference', "there is no Contact 'contact_000000000000'"],
  ])('a merge of %j is refused', async (body, code, message) => {
    const id = await create('Contact', { name: 'Ada' })
    const before = await head()
    const error = await refusal('Contact', 'merge', body, { id })
    expect(error).toMatchObject({ code, field: 'from' })
    expect(error.message).toContain(message)
    expect((await refusal('Contact', 'merge', { from: id }, { id })).message).toContain('cannot be merged into itself')
    expect(await head()).toBe(before)
  })

  test('a merge repeated under its key answers as before and changes nothing', async () => {
    const survivor = await create('Contact', { name: 'Ada' })
    const other = await create('Contact', { name: 'Other', email: 'o@example.com' })
    const asked = { id: survivor, idempotencyKey: 'merge-1' }
    const first = await write('Contact', 'merge', { from: other }, asked)
    const before = await head()
    const again = await write('Contact', 'merge', { from: other }, asked)
    expect(again).toMatchObject({ isReplay: true, body: first.body, version: first.version, commit: first.commit })
    expect(await head()).toBe(before)
  })

  test('a caller merges only contacts that it may see and write, and the tombstone is hidden like its contact', async () => {
    const all: NounAuthority = { read: 'all', write: 'all', hidden: [], verbs: 'all' }
    const callerWith = (given: Partial<NounAuthority>): Caller => ({
      ...caller,
      authority: { who: 'user_0000000000aa', nouns: { Contact: { ...all, ...given } }, others: all },
    })
    const mine = await create('Contact', { name: 'mine', department: 'A' })
    const theirs = await create('Contact', { name: 'theirs', department: 'B', phone: '7' })
    const seesMine = callerWith({ read: { department: 'A' } })
    const writesMine = callerWith({ write: { department: 'A' } })
    const merge = { id: mine, by: seesMine }
    expect(await refusal('Contact', 'merge', { from: theirs }, merge)).toMatchObject({ code: 'invalid_reference' })
    expect(await refusal('Contact', 'merge', { from: theirs }, { ...merge, by: writesMine })).toMatchObject({
      code: 'forbidden',
    })
    await write('Contact', 'merge', { from: theirs }, { id: mine })
    expect((await missing('Contact', theirs, writesMine)).detail).toMatchObject({ mergedInto: mine })
    expect((await missing('Contact', theirs, seesMine)).detail).not.toHaveProperty('mergedInto')
  })
})

describe('deletions', () => {
  test('a customer with an active subscription cannot be deleted; with a cancelled one it can, and the subscription still tells whose it was', async () => {
    const customer = await create('Customer', { name: 'Acme' })
    const subscription = await create('Subscription', { customer })
    const before = await head()
    expect(await refusal('Customer', 'delete', {}, { id: customer })).toMatchObject({
      code: 'conflict',
      field: 'Subscription.customer',
      message: `Customer '${customer}' cannot be deleted: 1 Subscription refers to it by 'customer', which restricts deletion`,
      detail: { count: 1, ids: [subscription] },
    })
    expect(await head()).toBe(before)
    await write('Subscription', 'cancel', {}, { id: subscription })
    const { commit } = await write('Customer', 'delete', {}, { id: customer })
    expect(await get('Subscription', subscription)).toMatchObject({ customer })
    expect((await eventsAfter(before + 1)).map((event) => [event.type, event.commit])).toEqual([
      ['Customer.Deleted', commit],
    ])
  })

  test('the comments of an issue are deleted with it, and its deal loses its owner with the user', async () => {
    const issue = await create('Issue', { title: 'x' })
    const comment = await create('Comment', { body: 'x', issue })
    await write('Issue', 'delete', {}, { id: issue })
    expect(await missing('Comment', comment)).toMatchObject({ code: 'not_found' })
    const owner = await create('User', { name: 'Ada', email: 'ada@example.com' })
    const deal = await create('Deal', { name: 'x', value: 1, owner })
    await write('User', 'delete', {}, { id: owner })
    expect(await get('Deal', deal)).not.toHaveProperty('owner')
  })

  test('a caller does not learn which entities restrict a deletion, and clears those that it may not write', async () => {
    const all: NounAuthority = { read: 'all', write: 'all', hidden: [], verbs: 'all' }
    const nothing: NounAuthority = { ...all, read: 'none', write: 'none' }
    const nouns = { Subscription: nothing, Invoice: nothing, Deal: nothing }
    const by: Caller = { ...caller, authority: { who: 'user_0000000000aa', nouns, others: all } }
    const customer = await create('Customer', { name: 'Acme' })
    await create('Subscription', { customer })
    expect(await refusal('Customer', 'delete', {}, { id: customer, by })).toEqual({
      code: 'conflict',
      message: 'this Customer cannot be deleted: other entities refer to it',
    })
    const contact = await create('Contact', { name: 'Ada' })
    const deal = await create('Deal', { name: 'x', value: 1, contact })
    await write('Contact', 'delete', {}, { id: contact, by })
    expect(await get('Deal', deal)).not.toHaveProperty('contact')
  })

  test('an undo brings back what a deletion cascaded to and cleared', async () => {
    const product = await create('Product', { name: 'x' })
    const price = await create('Price', { amount: 1, product })
    const deal = await create('Deal', { name: 'x', value: 1, product })
    const { commit } = await write('Product', 'delete', {}, { id: product })
    expect(await missing('Price', price)).toMatchObject({ code: 'not_found' })
    expect(await get('Deal', deal)).not.toHaveProperty('product')
    await write('', 'commits.undo', {}, { id: String(commit) })
    expect(await get('Price', price)).toMatchObject({ product })
    expect(await get('Deal', deal)).toMatchObject({ product })
  })

  test('a restriction deep in a cascade refuses all of it and leaves nothing', async () => {
    const product = await create('Product', { name: 'x' })
    const price = await create('Price', { amount: 1, product })
    await create('Subscription', { price, customer: await create('Customer', { name: 'Acme' }) })
    const before = await head()
    expect(await refusal('Product', 'delete', {}, { id: product })).toMatchObject({ field: 'Subscription.price' })
    expect(await head()).toBe(before)
    expect(await get('Price', price)).toMatchObject({ $version: 1 })
  })
})

describe('effects of own Nouns', () => {
  const now = { kind: 'now' }
  const field = (name: string): object => ({ kind: 'field', name })

  test('a verb creates, updates and calls related entities, and their effects follow in turn', async () => {
    await define('Stock', {
      fields: {
        name: 'string!',
        amount: 'integer = 0',
        soldAt: 'datetime',
        empty: 'Emptied',
        status: 'Full | Emptied',
      },
    })
    const note = { text: 'string!', receipt: 'string' }
    await define('Note', { fields: note })
    await define('Order', { fields: { name: 'string!' } })
    await define('Note', { fields: { ...note, about: '-> Order' } })
    await define('Order', {
      fields: {
        name: 'string!',
        size: 'integer!',
        item: '-> Stock',
        note: '-> Note',
        notes: '<- Note.about[]',
        ship: 'Shipped',
      },
      effects: {
        ship: {
          argumentsOnly: ['by'],
          related: [
            {
              kind: 'update',
              of: 'item',
              sets: { amount: { kind: 'sum', of: [{ kind: 'add', amount: 1 }, field('size')] }, soldAt: now },
            },
            { kind: 'call', of: 'item', verb: 'empty', when: { field: 'size', equals: 3 } },
            {
              kind: 'create',
              noun: 'Note',
              sets: {
                text: { kind: 'argument', name: 'by' },
                about: { kind: 'id' },
                receipt: { kind: 'literal', value: 'r' },
              },
              as: 'note',
            },
            { kind: 'update', of: 'notes', sets: { receipt: field('name') } },
          ],
        },
      },
    })
    const item = await create('Stock', { name: 'Bolt', amount: 4 })
    const order = await create('Order', { name: 'First', size: 2, item })
    const before = await head()
    const answer = await write('Order', 'ship', { by: 'Ada' }, { id: order })
    const events = await eventsAfter(before)
    expect(events.map(({ type }) => type)).toEqual([
      'Order.Shipped',
      'Stock.Updated',
      'Note.Created',
      'Note.Updated',
      'Order.Updated',
    ])
    const shipped = await get('Order', order)
    expect(JSON.parse(answer.body)).toEqual(shipped)
    expect(await get('Stock', item)).toMatchObject({ amount: 7, soldAt: events[0]?.timestamp, status: 'Full' })
    expect(await get('Note', String(shipped['note']))).toMatchObject({ text: 'Ada', about: order, receipt: 'First' })
    await write('Order', 'update', { size: 3 }, { id: order })
    await write('Order', 'ship', { by: 'Ada' }, { id: order })
    expect(await get('Stock', item)).toMatchObject({ status: 'Emptied' })
  })

  test('an effect that is refused refuses the write, and nothing of it is left', async () => {
    await define('Part', { fields: { name: 'string!', amount: 'integer(0..5)' } })
    await define('Build', {
      fields: { name: 'string!', first: '-> Part', second: '-> Part' },
      effects: {
        create: {
          related: ['first', 'second'].map((of) => ({
            kind: 'update',
            of,
            sets: { amount: { kind: 'add', amount: 1 } },
          })),
        },
      },
    })
    const [first, second] = [
      await create('Part', { name: 'a', amount: 1 }),
      await create('Part', { name: 'b', amount: 5 }),
    ]
    const before = await head()
    expect(await refusal('Build', 'create', { name: 'x', first, second })).toMatchObject({ code: 'validation_error' })
    expect(await head()).toBe(before)
    expect(await get('Part', first)).toMatchObject({ amount: 1, $version: 1 })
    const created = await write('Build', 'create', { name: 'x', first })
    expect(await get('Part', first)).toMatchObject({ amount: 2 })
    expect(created.createdId).toBeDefined()
  })

  test('cycles of effects end, and a chain of more than 8 is refused', async () => {
    const counted = { kind: 'add', amount: 1 }
    await define('Node', {
      fields: { name: 'string!', amount: 'integer', next: '-> Node' },
      effects: { update: { related: [{ kind: 'update', of: 'next', sets: { amount: counted } }] } },
    })
    const chain: string[] = []
    for (let at = 0; at < 11; at++)
      chain.push(await create('Node', { name: String(at), ...(at === 0 ? {} : { next: chain[at - 1] }) }))
    const [last = '', ...others] = chain
    await write('Node', 'update', { name: 'x' }, { id: others[7] ?? '' })
    expect(await get('Node', last)).toMatchObject({ amount: 1 })
    const before = await head()
    expect((await refusal('Node', 'update', { name: 'x' }, { id: others[8] ?? '' })).message).toContain(
      'at most 8 levels',
    )
    expect(await head()).toBe(before)
    const ring = await create('Node', { name: 'ring' })
    const twin = await create('Node', { name: 'twin', next: ring })
    await write('Node', 'update', { next: twin }, { id: ring })
    const start = await head()
    await write('Node', 'update', { name: 'y' }, { id: ring })
    expect((await eventsAfter(start)).map(({ target }) => target)).toEqual([ring, twin])
  })

  test('a definition with a wrong effect is refused, and so is one that takes away what an effect names', async () => {
    await define('Stock', { fields: { name: 'string!', amount: 'integer' } })
    const related = [{ kind: 'update', of: 'item', sets: { amount: { kind: 'add', amount: 1 } } }]
    const order = { fields: { item: '-> Stock', ship: 'Shipped' }, effects: { ship: { related } } }
    const wrong = { ...order, fields: { item: '-> Contact', ship: 'Shipped' } }
    expect(await refusal('Order', 'schema.put', wrong)).toMatchObject({
      code: 'invalid_definition',
      message: 'Order: effects.ship.related[0] sets the unknown stored field Contact.amount',
    })
    await define('Order', order)
    expect(await refusal('Stock', 'schema.put', { fields: { name: 'string!' } })).toMatchObject({
      code: 'invalid_definition',
      field: 'effects.ship.related[0]',
    })
    expect(await refusal('Subscription', 'schema.patch', { onDelete: { customer: 'keep' } })).toMatchObject({
      code: 'invalid_definition',
    })
    await write('Deal', 'schema.patch', { onDelete: { contact: 'restrict' } })
    const contact = await create('Contact', { name: 'Ada' })
    await create('Deal', { name: 'x', value: 1, contact })
    expect(await refusal('Contact', 'delete', {}, { id: contact })).toMatchObject({ field: 'Deal.contact' })
  })
})
