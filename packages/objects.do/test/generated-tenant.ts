// Generates a random tenant: entities of four Nouns that refer to one another and change over time, and filters and sorts
// for them.

import { env } from 'cloudflare:test'
import { fullAuthority, type Entity, nouns } from 'digital-objects'
import fc from 'fast-check'
import type { TenantObject } from '../src/tenant-object.ts'
import { askRead, askWrite, type WriteGiven } from './ask-tenant.ts'

export const caller = {
  tenant: 'agreement',
  context: 'http://localhost/~agreement',
  authority: fullAuthority('anonymous'),
  via: 'rest',
} as const
export const lookup = (name: string) => Object.values(nouns).find((noun) => noun.$name === name)?.$schema

export type World = ReadonlyMap<string, Entity>
export interface Moment {
  readonly asOf: string | undefined
  readonly world: World
}

const texts = [
  'a',
  'B',
  'b',
  'é',
  'e',
  'Ada Lovelace',
  'ada  lovelace-king',
  'zz',
  '𝔸',
  '\uFFFD',
  '\uE000',
  '😀',
  "it's",
  '%',
  '_',
  '"',
  'İstanbul',
  '١٢',
  'a.b',
]
const numbers = [0, 1, -1, 0.1, 0.30000000000000004, 1e21, 2 ** 53 + 2, 107711449703316670, 5e-324, -1.5, 42]
const moments = [
  '2026-01-15T10:00:00Z',
  '2026-01-15T12:00:00+02:00',
  '1969-12-31T23:59:59.999Z',
  '2030-06-01T00:00:00.5Z',
]
const dates = ['2026-01-15', '2026-02-28', '1999-12-31']
const json = [
  null,
  true,
  false,
  1,
  0,
  107711449703316670,
  0.1,
  '1',
  'true',
  'a',
  '😀',
  [],
  ['a'],
  { b: null },
  { b: 1 },
  { b: 'a', c: [1] },
]

const text = fc.constantFrom(...texts)
const number = fc.constantFrom(...numbers)
/** For fields that hold no number below 0. */
const amount = fc.constantFrom(...numbers.filter((value) => value >= 0))
const metadata = fc.dictionary(fc.constantFrom('a', 'b', 'x-y', '$k'), fc.constantFrom(...json), { maxKeys: 3 })
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })
const pick = (ids: readonly string[]) => (ids.length === 0 ? fc.constant(undefined) : maybe(fc.constantFrom(...ids)))

const organization = fc.record({
  name: text,
  industry: maybe(text),
  employeeCount: maybe(amount),
  metadata: maybe(metadata),
})
const contact = (ids: Ids) =>
  fc.record({
    name: text,
    title: maybe(text),
    leadScore: maybe(number),
    lastEngagement: maybe(fc.constantFrom(...moments)),
    stage: maybe(fc.constantFrom('Lead', 'Qualified', 'Customer')),
    organization: pick(ids.Organization),
    metadata: maybe(metadata),
  })
const deal = (ids: Ids) =>
  fc.record({
    name: text,
    value: amount,
    expectedCloseDate: maybe(fc.constantFrom(...dates)),
    contact: pick(ids.Contact),
    organization: pick(ids.Organization),
    owner: pick(ids.Contact),
  })
const activity = (ids: Ids) =>
  fc.record({ subject: text, allDay: maybe(fc.boolean()), contact: pick(ids.Contact), deal: pick(ids.Deal) })

export interface Ids {
  Organization: string[]
  Contact: string[]
  Deal: string[]
  Activity: string[]
}
export type Kind = keyof Ids
export const kinds = ['Organization', 'Contact', 'Deal', 'Activity'] as const
/** Generates the fields of new and changed entities. */
export const recordOf: Readonly<Record<Kind, (ids: Ids) => fc.Arbitrary<object>>> = {
  Organization: () => organization,
  Contact: contact,
  Deal: deal,
  Activity: activity,
}

/** Generates conditions on a path: every operator that its type has. */
function condition(value: fc.Arbitrary<unknown>, holds: 'strings' | 'others' = 'strings'): fc.Arbitrary<unknown> {
  const one = fc.oneof({ weight: 8, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) })
  const patterns = ['a', '^A', 'e$', '[a-z]+', '.', 'é', '(?i)B', 'lace', 'a love', 'a  l', '京都'].map((operand) => ({
    $regex: operand,
  }))
  return fc.oneof(
    one,
    ...['$eq', '$ne'].map((operator) => one.map((operand) => ({ [operator]: operand }))),
    ...['$gt', '$gte', '$lt', '$lte'].map((operator) => value.map((operand) => ({ [operator]: operand }))),
    ...['$in', '$nin'].map((operator) => fc.array(one, { maxLength: 7 }).map((operand) => ({ [operator]: operand }))),
    fc.boolean().map((operand) => ({ $exists: operand })),
    value.map((operand) => ({ $not: { $gt: operand } })),
    ...(holds === 'strings' ? [fc.constantFrom(...patterns, { $regex: 'ADA', $options: 'i' })] : []),
  )
}
const jsonValue = fc.oneof(number, text, fc.boolean(), fc.constant(null))
const leaves: Readonly<Record<Kind, fc.Arbitrary<object>>> = {
  Organization: fc.oneof(
    condition(text).map((c) => ({ industry: c })),
    condition(number, 'others').map((c) => ({ employeeCount: c })),
    condition(text).map((c) => ({ 'contacts.title': c })),
    condition(number, 'others').map((c) => ({ 'contacts.deals.value': c })),
    condition(jsonValue).map((c) => ({ 'metadata.a.b': c })),
  ),
  Contact: fc.oneof(
    condition(text).map((c) => ({ name: c })),
    condition(number, 'others').map((c) => ({ leadScore: c })),
    condition(fc.constantFrom(...moments), 'others').map((c) => ({ lastEngagement: c })),
    condition(fc.constantFrom('Lead', 'Qualified')).map((c) => ({ stage: c })),
    condition(text).map((c) => ({ 'organization.industry': c })),
    condition(number, 'others').map((c) => ({ 'deals.value': c })),
    condition(jsonValue).map((c) => ({ 'metadata.a': c })),
    condition(jsonValue).map((c) => ({ 'organization.metadata.x-y': c })),
    fc.constantFrom('ada', 'LOVE', 'e', 'istanbul', 'a lovelace', '١').map((words) => ({ $text: words })),
  ),
  Deal: fc.oneof(
    condition(fc.constantFrom(...dates), 'others').map((c) => ({ expectedCloseDate: c })),
    condition(number, 'others').map((c) => ({ value: c })),
    condition(text).map((c) => ({ 'contact.organization.industry': c })),
    condition(text).map((c) => ({ 'owner.name': c })),
    condition(number, 'others').map((c) => ({ $version: c })),
  ),
  Activity: fc.oneof(
    condition(fc.boolean(), 'others').map((c) => ({ allDay: c })),
    condition(text).map((c) => ({ 'deal.name': c })),
    condition(fc.constantFrom('Lead', 'Customer')).map((c) => ({ 'contact.stage': c })),
  ),
}
export function filterOf(kind: Kind): fc.Arbitrary<object> {
  return fc.letrec<{ filter: object }>((tie) => ({
    filter: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaves[kind],
      fc.array(tie('filter'), { maxLength: 3 }).map((of) => ({ $and: of })),
      fc.array(tie('filter'), { maxLength: 3 }).map((of) => ({ $or: of })),
      tie('filter').map((of) => ({ $not: of })),
    ),
  })).filter
}
export const sortOf = {
  Organization: ['name', '-employeeCount', 'industry,-name'],
  Contact: ['-leadScore', 'lastEngagement,-name', 'title', '-$createdAt'],
  Deal: ['-value,name', 'expectedCloseDate', '-$version'],
  Activity: ['allDay', '-allDay', '$id'],
}

export interface GeneratedTenant {
  readonly stub: DurableObjectStub<TenantObject>
  /** Recorded states, the present one last. */
  readonly history: readonly Moment[]
}

export async function makeTenant(
  seed: number,
  tenants: DurableObjectNamespace<TenantObject> = env.TENANTS,
): Promise<GeneratedTenant> {
  const stub = tenants.get(tenants.idFromName(`agreement-${seed}-${Math.random()}`))
  const sample = <Value>(arbitrary: fc.Arbitrary<Value>, salt: number): Value =>
    fc.sample(arbitrary, { seed: seed * 10_007 + salt, numRuns: 1 })[0] as Value
  const write = async (call: Omit<WriteGiven, 'body'>, body: object): Promise<Entity> => {
    const answer = await askWrite(stub, caller, { ...call, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(JSON.stringify(answer.error))
    return (answer.body === '' ? {} : JSON.parse(answer.body)) as Entity
  }
  const ids: Ids = { Organization: [], Contact: [], Deal: [], Activity: [] }
  const world = new Map<string, Entity>()
  const history: Moment[] = []
  let salt = 0
  for (let round = 0; round < 4; round++) {
    for (const kind of kinds) {
      const made = Array.from({ length: 9 }, () => sample(recordOf[kind](ids), salt++))
      for (const entity of await Promise.all(made.map((body) => write({ noun: kind, verb: 'create' }, body)))) {
        ids[kind].push(entity.$id)
        world.set(entity.$id, entity)
      }
      const changed = ids[kind].filter((_, at) => (at + round) % 3 === 0)
      const changes = changed.map((id) => ({ id, body: sample(recordOf[kind](ids), salt++) }))
      for (const entity of await Promise.all(
        changes.map(({ id, body }) => write({ noun: kind, verb: 'update', id }, body)),
      ))
        world.set(entity.$id, entity)
    }
    const gone = ids.Contact.splice(round, 1)[0] as string
    // Every generated tenant has a deal that lost its contact, one with a contact, and one that never had one.
    const kept = await write({ noun: 'Contact', verb: 'create' }, { name: 'kept', stage: 'Qualified' })
    ids.Contact.push(kept.$id)
    world.set(kept.$id, kept)
    for (const contact of [gone, kept.$id, undefined]) {
      const entity = await write({ noun: 'Deal', verb: 'create' }, { name: 'of', value: 1, contact })
      ids.Deal.push(entity.$id)
      world.set(entity.$id, entity)
    }
    await write({ noun: 'Contact', verb: 'delete', id: gone }, {})
    world.delete(gone)
    for (const [id, entity] of world) {
      if (!Object.values(entity).includes(gone)) continue
      const answer = await askRead(stub, caller, { read: 'get', noun: entity.$type, id })
      if (answer.ok) world.set(id, JSON.parse(answer.body) as Entity)
    }
    await new Promise((resolve) => setTimeout(resolve, 3))
    history.push({ asOf: new Date().toISOString(), world: new Map(world) })
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
  history.push({ asOf: undefined, world: new Map(world) })
  return { stub, history }
}
