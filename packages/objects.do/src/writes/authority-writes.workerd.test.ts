// Writes by callers with generated authorities, compared with a model of the rules, and tests that errors reveal nothing hidden.

import { env } from 'cloudflare:test'
import { compileRegex } from '@dotdo/do'
import { applyVerb, type Entity, nouns, type NounAuthority, ObjectError, type ObjectErrorData } from 'digital-objects'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { isGranted } from '../../../@dotdo/db/test/generated-authority.ts'
import { ask, askRead, askWrite, type WriteGiven } from '../../test/ask-tenant.ts'
import {
  caller as fullCaller,
  type GeneratedTenant,
  lookup,
  makeTenant,
  type Moment,
} from '../../test/generated-tenant.ts'
import {
  fieldsOf,
  readLog,
  type RestrictedCaller,
  restrictedCallers,
  visibleEvents,
  visibleWorld,
} from '../../test/restricted-callers.ts'
import type { Answer } from '../answers/answer.ts'
import type { Caller } from '../answers/caller.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

type Kind = 'Contact' | 'Deal' | 'Organization'
interface Wanted {
  readonly noun: Kind
  readonly verb: 'create' | 'update' | 'delete' | 'qualify' | 'rollback'
  readonly id?: string
  readonly body: Record<string, string | number | null>
}

function anyWrite(ids: Readonly<Record<Kind, readonly string[]>>): fc.Arbitrary<Wanted> {
  const id = (noun: Kind) => fc.constantFrom(...ids[noun])
  const bodies: Readonly<Record<Kind, fc.Arbitrary<Wanted['body']>>> = {
    Organization: fc.record(
      { name: fc.constantFrom('x', 'zz'), industry: fc.constantFrom('a', null) },
      { requiredKeys: ['name'] },
    ),
    Contact: fc.record(
      {
        name: fc.constantFrom('x', 'a'),
        title: fc.constantFrom('b', null),
        leadScore: fc.constantFrom(0, 42),
        organization: id('Organization'),
      },
      { requiredKeys: ['name'] },
    ),
    Deal: fc.record(
      {
        name: fc.constantFrom('x', 'a'),
        value: fc.constantFrom(0, 42),
        contact: id('Contact'),
        owner: fc.oneof(id('Contact'), fc.constant(null)),
      },
      { requiredKeys: ['name', 'value'] },
    ),
  }
  return fc.constantFrom<Kind>('Contact', 'Deal', 'Organization').chain((noun) =>
    fc.oneof(
      bodies[noun].map((body): Wanted => ({ noun, verb: 'create', body })),
      fc.tuple(id(noun), bodies[noun]).map(([one, body]): Wanted => ({ noun, verb: 'update', id: one, body })),
      fc
        .tuple(id(noun), bodies[noun])
        .map(([one, body]): Wanted => ({ noun, verb: 'update', id: one, body: withoutName(body) })),
      id(noun).map((one): Wanted => ({ noun, verb: 'delete', id: one, body: {} })),
      id('Contact').map((one): Wanted => ({ noun: 'Contact', verb: 'qualify', id: one, body: {} })),
      id(noun).map((one): Wanted => ({ noun, verb: 'rollback', id: one, body: { version: 1 } })),
    ),
  )
}

function withoutName(body: Wanted['body']): Wanted['body'] {
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== 'name'))
}

interface Model {
  readonly world: ReadonlyMap<string, Entity>
  /** The last versions of deleted entities. */
  readonly gone: ReadonlyMap<string, Entity>
  /** Version 1 of each entity. */
  readonly firsts: ReadonlyMap<string, Entity>
  /** The entities whose version 1 was visible to the caller. */
  readonly firstsSeen: ReadonlySet<string>
}

/** The code of the refusal, or the entity after the write; undefined after a deletion. */
function expectedOutcome(
  { authority }: RestrictedCaller,
  wanted: Wanted,
  { world, gone, firsts, firstsSeen }: Model,
): string | Entity | undefined {
  const { noun, verb, id = '', body } = wanted
  const granted: NounAuthority = authority.nouns[noun] ?? authority.others
  if (granted.read === 'none') return 'not_found'
  const called = verb === 'rollback' ? 'update' : verb
  if (granted.verbs !== 'all' && !granted.verbs.includes(called)) return 'forbidden'
  const given = verb === 'rollback' ? {} : body
  if (Object.keys(given).some((name) => granted.hidden.includes(name))) return 'validation_error'
  // A rollback restores a deleted entity.
  const current = world.get(id) ?? (verb === 'rollback' ? gone.get(id) : undefined)
  const visible = visibleWorld(
    new Map([...world, ...(current === undefined ? [] : [[id, current] as const])]),
    authority,
  )
  const all = { entities: [...world.values()], lookup, who: authority.who, regex: compileRegex }
  if (verb !== 'create' && !visible.has(id)) return 'not_found'
  if (current !== undefined && !isGranted(granted.write, current, all)) return 'forbidden'
  const schema = nouns[noun].$schema
  const first = firsts.get(id)
  if (verb === 'rollback' && !firstsSeen.has(id)) return 'not_found'
  for (const [name, value] of Object.entries(given)) {
    const isReference = schema.fields[name]?.kind === 'reference' && value !== null && value !== current?.[name]
    if (isReference && !visible.has(String(value))) return 'invalid_reference'
  }
  if (verb === 'delete') return undefined
  if (verb === 'qualify' && !['Lead', 'Qualified'].includes(String(current?.['stage']))) return 'invalid_transition'
  // An earlier version may refer to an entity that has been deleted.
  const restored = verb === 'rollback' ? fieldsOf(first as Entity) : {}
  for (const [name, value] of Object.entries(restored)) {
    if (schema.fields[name]?.kind !== 'reference' || granted.hidden.includes(name)) continue
    if (value !== current?.[name] && !world.has(String(value))) return 'invalid_reference'
  }
  // Required fields that are hidden cannot be given.
  const lacks = Object.values(schema.fields).some(
    (field) => field.kind !== 'reverse' && field.required && !('default' in field) && !Object.hasOwn(given, field.name),
  )
  if (verb === 'create' && lacks) return 'forbidden'
  const steps = current === undefined || world.has(id) ? 1 : 2
  const after = entityAfter({ wanted, current, first, granted, who: authority.who, steps })
  const then = [...world.values()].filter(({ $id }) => $id !== after.$id)
  return isGranted(granted.write, after, { ...all, entities: [...then, after] }) ? after : 'forbidden'
}

function entityAfter(of: {
  readonly wanted: Wanted
  readonly current: Entity | undefined
  readonly first: Entity | undefined
  readonly granted: NounAuthority
  readonly who: string
  /** The increment of the version, which also counts a deletion. */
  readonly steps: number
}): Entity {
  const { wanted, current, first, granted, who, steps } = of
  const schema = nouns[wanted.noun].$schema
  const created = {
    $type: wanted.noun,
    $id: 'new',
    $context: fullCaller.context,
    $version: 0,
    $createdAt: '',
    $updatedAt: '',
    $createdBy: who,
  }
  const { $version, ...meta } = Object.fromEntries(
    Object.entries(current ?? created).filter(([name]) => name.startsWith('$')),
  )
  const before = current === undefined ? {} : fieldsOf(current)
  const next: Record<string, unknown> = { ...meta, $version: Number($version) + steps }
  if (wanted.verb === 'rollback') {
    for (const name of granted.hidden) if (before[name] !== undefined) next[name] = before[name]
    for (const [name, value] of Object.entries(fieldsOf(first as Entity)))
      if (!granted.hidden.includes(name)) next[name] = value
  } else if (wanted.verb === 'qualify') {
    const verb = schema.verbs['qualify']
    if (verb === undefined) throw new Error('contacts are qualified')
    Object.assign(next, applyVerb({ schema, verb, current: before, input: {}, nowMs: 0 }))
  } else {
    const defaults = Object.values(schema.fields).flatMap((field) =>
      'default' in field && field.default !== undefined ? [[field.name, field.default]] : [],
    )
    Object.assign(next, wanted.verb === 'create' ? Object.fromEntries(defaults) : before, wanted.body)
  }
  return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== null && value !== undefined)) as Entity
}

let tenant: GeneratedTenant
let callers: readonly RestrictedCaller[]
beforeAll(async () => {
  tenant = await makeTenant(seed)
  const { world } = tenant.history.at(-1) as Moment
  const contactIds = [...world.values()].filter(({ $type }) => $type === 'Contact').map(({ $id }) => $id)
  callers = restrictedCallers({ seed, count: 24, contactIds })
})

function write(
  caller: Caller,
  { body, ...given }: Omit<WriteGiven, 'body'> & { readonly body: object },
): Promise<Answer> {
  return askWrite(tenant.stub, caller, { ...given, body: JSON.stringify(body) })
}

describe(`seed ${seed}`, () => {
  test('a write is refused or performed by the rules, and its answer shows only visible fields', async () => {
    const { world } = tenant.history.at(-1) as Moment
    const log = await readLog(tenant.stub)
    const firsts = new Map(log.filter(({ version }) => version === 1).map(({ data }) => [data.$id, data]))
    const ids = (noun: Kind): readonly string[] =>
      [...world.values()].filter(({ $type }) => $type === noun).map(({ $id }) => $id)
    const writes = anyWrite({ Contact: ids('Contact'), Deal: ids('Deal'), Organization: ids('Organization') })
    const counts: Record<string, number> = {}
    let present = new Map(world)
    let eventCount = log.length
    const gone = new Map<string, Entity>()
    for (const [nth, of] of callers.entries()) {
      const seenThen = visibleEvents(log, of.authority).filter(({ version }) => version === 1)
      const firstsSeen = new Set(seenThen.map(({ target }) => target))
      for (const wanted of fc.sample(writes, { seed: seed + nth, numRuns: 14 })) {
        const label = JSON.stringify([of.authority, wanted])
        const expected = expectedOutcome(of, wanted, { world: present, gone, firsts, firstsSeen })
        const answer = await write(of.caller, wanted)
        const outcome = answer.ok ? 'done' : answer.error.code
        counts[outcome] = (counts[outcome] ?? 0) + 1
        if (typeof expected === 'string') {
          expect(outcome, label).toBe(expected)
          continue
        }
        expect(answer.ok ? 'done' : JSON.stringify(answer.error), label).toBe('done')
        if (answer.ok && answer.isUnchanged === true && expected !== undefined) {
          const current = present.get(wanted.id ?? '') as Entity
          expect(fieldsWithoutTimes(expected), label).toEqual(fieldsWithoutTimes(current))
          continue
        }
        // A deletion is followed by events that clear references to the entity.
        const events = (await readLog(tenant.stub)).slice(eventCount)
        eventCount += events.length
        present = new Map(present)
        for (const { type, target, data } of events as readonly { type: string; target: string; data: Entity }[])
          if (type.endsWith('.Deleted')) {
            gone.set(target, { ...data, $version: data.$version - 1 })
            present.delete(target)
          } else present.set(target, data)
        const { target, data } = events[0] as { target: string; data: Entity }
        if (expected === undefined || !answer.ok) continue
        expect(fieldsWithoutTimes(data), label).toEqual(fieldsWithoutTimes(expected))
        const seen = visibleWorld(present, of.authority).get(target)
        expect(answer.body === '' ? undefined : JSON.parse(answer.body), label).toEqual(seen)
      }
    }
    for (const code of ['done', 'forbidden', 'not_found', 'validation_error', 'invalid_reference'])
      expect(counts[code], JSON.stringify(counts)).toBeGreaterThan(2)
  })

  test('a refused write leaves no event', async () => {
    const before = (await readLog(tenant.stub)).length
    const [contact] = (await readLog(tenant.stub)).filter(({ type }) => type === 'Contact.Created')
    const nothing = { read: 'all', write: 'none', hidden: [], verbs: 'all' } as const
    const caller = { ...fullCaller, authority: { who: 'anonymous', nouns: {}, others: nothing } }
    for (const verb of ['update', 'delete', 'qualify'] as const)
      expect(await write(caller, { noun: 'Contact', verb, id: contact?.target ?? '', body: {} })).toMatchObject({
        error: {},
      })
    expect(await write(caller, { noun: 'Contact', verb: 'create', body: { name: 'x' } })).toMatchObject({
      error: { code: 'forbidden' },
    })
    expect((await readLog(tenant.stub)).length).toBe(before)
  })
})

/** Ignores timestamps that a verb sets, which are those of its commit. */
function fieldsWithoutTimes(entity: Entity): object {
  return Object.fromEntries(
    Object.entries(fieldsOf(entity)).filter(([name]) => !name.endsWith('At') && name !== 'lastEngagement'),
  )
}

describe('borders', () => {
  const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
  const everything = { read: 'all', write: 'all', hidden: [], verbs: 'all' } as const
  const callerWith = (contact: Partial<NounAuthority>, who = 'user_0000000000aa'): Caller => ({
    ...fullCaller,
    authority: { who, nouns: { Contact: { ...everything, ...contact } }, others: everything },
  })
  const own = callerWith({ read: { name: 'mine' } })

  async function outcome(caller: Caller, given: Omit<WriteGiven, 'body'> & { readonly body: object }): Promise<Answer> {
    return askWrite(stub, caller, { ...given, body: JSON.stringify(given.body) })
  }
  async function create(body: object, noun = 'Contact'): Promise<string> {
    const answer = await outcome(fullCaller, { noun, verb: 'create', body })
    if (!answer.ok) throw new ObjectError(answer.error)
    return answer.createdId ?? ''
  }
  const errorOf = (answer: Answer): ObjectErrorData => {
    if (answer.ok) throw new Error(answer.body)
    return answer.error
  }

  test('a unique-value conflict names the field, and never the entity that has the value', async () => {
    const hidden = await create({ name: 'theirs', email: 'taken@example.com' })
    const body = { name: 'mine', email: 'taken@example.com' }
    const refused = errorOf(await outcome(own, { noun: 'Contact', verb: 'create', body }))
    expect(refused).toMatchObject({ code: 'conflict', field: 'email' })
    expect(JSON.stringify(refused)).not.toContain(hidden)
    const told = errorOf(await outcome(fullCaller, { noun: 'Contact', verb: 'create', body }))
    expect(told.detail).toEqual({ existingId: hidden })
  })

  test('a reference to a hidden entity is refused exactly like one to a missing entity', async () => {
    const hidden = await create({ name: 'theirs' })
    const missing = 'contact_000000000000'
    const refusal = async (contact: string) =>
      JSON.stringify(
        errorOf(await outcome(own, { noun: 'Deal', verb: 'create', body: { name: 'd', value: 1, contact } })),
      )
    expect((await refusal(hidden)).replaceAll(hidden, missing)).toBe(await refusal(missing))
    expect(JSON.parse(await refusal(missing))).toMatchObject({ code: 'invalid_reference', field: 'contact' })
  })

  test('an unchanged reference is not checked again', async () => {
    const hidden = await create({ name: 'theirs' })
    const deal = await create({ name: 'd', value: 1, contact: hidden }, 'Deal')
    const body = { name: 'e', contact: hidden }
    expect(await outcome(own, { noun: 'Deal', verb: 'update', id: deal, body })).toMatchObject({ ok: true })
  })

  test('a hidden target is not found, whatever ifVersion is sent', async () => {
    const hidden = await create({ name: 'theirs' })
    const call = { kind: 'write', noun: 'Contact', verb: 'update', id: hidden, body: '{}', ifVersion: 7 } as const
    expect(await ask(stub, own, call)).toMatchObject({ error: { code: 'not_found' } })
    expect(await ask(stub, fullCaller, call)).toMatchObject({ error: { code: 'version_conflict' } })
  })

  test('a write that makes its entity invisible is performed, and its answer is empty', async () => {
    const mine = await create({ name: 'mine' })
    const answer = await outcome(own, { noun: 'Contact', verb: 'update', id: mine, body: { name: 'handed over' } })
    expect(answer).toMatchObject({ ok: true, body: '' })
    const read = await askRead(stub, fullCaller, { read: 'get', noun: 'Contact', id: mine })
    expect(read.ok && JSON.parse(read.body)).toMatchObject({ name: 'handed over' })
  })

  test('the answer to a replayed write shows only what its caller may see now', async () => {
    const body = JSON.stringify({ name: 'mine', email: 'again@example.com' })
    const call = { kind: 'write', noun: 'Contact', verb: 'create', body, idempotencyKey: 'k' } as const
    const who = 'user_0000000000aa'
    const first = await ask(stub, { ...fullCaller, authority: { who, nouns: {}, others: everything } }, call)
    expect(first.ok && JSON.parse(first.body)).toMatchObject({ email: 'again@example.com' })
    const withoutEmail = await ask(stub, callerWith({ hidden: ['email'] }), { ...call })
    // The body names a field that has become hidden.
    expect(withoutEmail).toMatchObject({ error: { code: 'validation_error' } })
    const byName = await ask(stub, callerWith({ hidden: ['title'] }), call)
    expect(byName).toMatchObject({ ok: true, isReplay: true })
    const hidden = await ask(stub, callerWith({ read: { name: 'other' } }), call)
    expect(hidden).toMatchObject({ ok: true, isReplay: true, body: '' })
    expect(hidden).not.toHaveProperty('createdId')
  })

  test('an update, a verb and a rollback keep the value of a hidden field, and no answer contains it', async () => {
    const id = await create({ name: 'a', title: 'secret' })
    const blind = callerWith({ hidden: ['title'] })
    await outcome(fullCaller, { noun: 'Contact', verb: 'update', id, body: { name: 'b', title: 'more' } })
    for (const [verb, body] of [
      ['update', { name: 'c' }],
      ['qualify', {}],
      ['rollback', { version: 1 }],
    ] as const) {
      const answer = await outcome(blind, { noun: 'Contact', verb, id, body })
      expect(answer.ok && answer.body).not.toContain('title')
      const read = await askRead(stub, fullCaller, { read: 'get', noun: 'Contact', id })
      expect(read.ok && JSON.parse(read.body)).toMatchObject({ title: 'more' })
    }
  })

  test('the effects of a verb may set fields that are hidden from its caller', async () => {
    const id = await create({ name: 'a' })
    const blind = callerWith({ hidden: ['stage'], verbs: ['qualify'] })
    expect(await outcome(blind, { noun: 'Contact', verb: 'qualify', id, body: {} })).toMatchObject({ ok: true })
    expect(await outcome(blind, { noun: 'Contact', verb: 'update', id, body: {} })).toMatchObject({
      error: { code: 'forbidden' },
    })
    const read = await askRead(stub, fullCaller, { read: 'get', noun: 'Contact', id })
    expect(read.ok && JSON.parse(read.body)).toMatchObject({ stage: 'Qualified' })
  })

  test('operations on all data are only for callers that may see all of it', async () => {
    for (const command of ['lake.flush', 'lake.verify', 'lake.rebuild'])
      expect(await ask(stub, own, { kind: 'command', command })).toMatchObject({ error: { code: 'forbidden' } })
    for (const [verb, body] of [
      ['schema.put', '{"fields":{"name":"string!"}}'],
      ['clock.set', '{"advance":"P1D"}'],
    ] as const)
      expect(await ask(stub, own, { kind: 'write', noun: 'Vehicle', verb, body })).toMatchObject({
        error: { code: 'forbidden' },
      })
  })
})
