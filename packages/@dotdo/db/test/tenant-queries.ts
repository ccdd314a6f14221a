// Generates list queries for a tenant, and answers them with the plain predicate.

import {
  compareText,
  type Entity,
  type Filter,
  type MatchContext,
  matches,
  type NounLookup,
  ObjectError,
  parseFilter,
  parseSort,
  referredIds,
  type SortTerm,
  type SortValue,
} from 'digital-objects'
import fc from 'fast-check'
import type { Ordered } from '../src/scan/candidate-order.ts'
import { actors, dates, moments, numbers, texts, type World } from './tenant-history.ts'
import { type Kind, lookup, nthId, schemas } from './tenant-nouns.ts'

export interface Query {
  readonly kind: Kind
  readonly filter: object
  /** An empty string sorts by id. */
  readonly sort: string
  readonly limit: number
  readonly isCounted: boolean
  /** Own fields to return; undefined returns all of them. */
  readonly fields: readonly string[] | undefined
}

const number = fc.oneof(fc.constantFrom(...numbers), fc.constantFrom(-0, 3, 2 ** 53))
const text = fc.constantFrom(...texts)
const moment = fc.oneof(fc.constantFrom(...moments), fc.integer({ min: 0, max: 60 }).map(momentOfHistory))
const date = fc.constantFrom(...dates)
const jsonScalar = fc.oneof(number, text, fc.boolean(), fc.constant(null))
const id = (kind: Kind) => fc.nat(25).map((n) => nthId(kind, n))

function momentOfHistory(seconds: number): string {
  return new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString()
}

/** Every operator that the field's type has. */
function condition(value: fc.Arbitrary<unknown>, holds: 'strings' | 'others' = 'strings'): fc.Arbitrary<unknown> {
  const one = fc.oneof({ weight: 8, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) })
  const patterns = ['a', '^A', 'e$', '[a-z]+', '.', 'é', 'lace', '京都庁'].map((operand) => ({ $regex: operand }))
  return fc.oneof(
    one,
    ...['$eq', '$ne'].map((operator) => one.map((operand) => ({ [operator]: operand }))),
    ...['$gt', '$gte', '$lt', '$lte'].map((operator) => value.map((operand) => ({ [operator]: operand }))),
    ...['$in', '$nin'].map((operator) => fc.array(one, { maxLength: 7 }).map((operand) => ({ [operator]: operand }))),
    fc.boolean().map((operand) => ({ $exists: operand })),
    value.map((operand) => ({ $not: { $gt: operand } })),
    fc.tuple(value, value).map(([from, to]) => ({ $gte: from, $lt: to })),
    ...(holds === 'strings' ? [fc.constantFrom(...patterns, { $regex: 'ADA', $options: 'i' })] : []),
  )
}

const leaf = (name: string, value: fc.Arbitrary<unknown>, holds?: 'others') =>
  condition(value, holds).map((wanted) => ({ [name]: wanted }))
const moments_ = (name: string) => leaf(name, moment, 'others')
const dates_ = (name: string) => leaf(name, date, 'others')
const stage = (name: string) => leaf(name, fc.constantFrom('Lead', 'Qualified', 'Customer'))
const meta = (kind: Kind): readonly fc.Arbitrary<object>[] => [
  leaf('$id', id(kind)),
  leaf('$version', fc.integer({ min: 1, max: 4 }), 'others'),
  leaf('$createdBy', fc.constantFrom(...actors)),
  moments_('$createdAt'),
  moments_('$updatedAt'),
]
const pairs = (names: readonly string[]) =>
  fc
    .tuple(
      fc.constantFrom(...names),
      fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte'),
      fc.constantFrom(...names),
    )
    .map(([name, operator, other]) => ({ [name]: { [operator]: { $field: other } } }))
const words = (own: readonly string[]) => fc.constantFrom(...own).map((text) => ({ $text: text }))

const leaves: Readonly<Record<Kind, readonly fc.Arbitrary<object>[]>> = {
  Organization: [
    leaf('name', text),
    leaf('industry', text),
    leaf('employeeCount', number, 'others'),
    leaf('metadata', jsonScalar),
    leaf('metadata.a', jsonScalar),
    leaf('metadata.a.b', jsonScalar),
    leaf('contacts', id('Contact')),
    leaf('contacts.title', text),
    stage('contacts.stage'),
    leaf('contacts.deals.value', number, 'others'),
    leaf('contacts.manager.name', text),
    leaf('contacts.metadata.x-y', jsonScalar),
    leaf('owned.value', number, 'others'),
    words(['ada', 'zz', 'x']),
  ],
  Contact: [
    leaf('name', text),
    leaf('title', text),
    leaf('leadScore', number, 'others'),
    moments_('lastEngagement'),
    stage('stage'),
    leaf('organization', id('Organization')),
    leaf('organization', id('Organization')),
    leaf('manager', id('Contact')),
    leaf('organization.industry', text),
    leaf('organization.metadata.x-y', jsonScalar),
    leaf('organization.contacts.name', text),
    leaf('manager.organization.employeeCount', number, 'others'),
    leaf('reports.leadScore', number, 'others'),
    leaf('reports', id('Contact')),
    leaf('deals.value', number, 'others'),
    dates_('deals.expectedCloseDate'),
    leaf('deals.activities.allDay', fc.boolean(), 'others'),
    leaf('metadata.a', jsonScalar),
    leaf('metadata.a.b', jsonScalar),
    leaf('tags', text),
    leaf('scores', number, 'others'),
    leaf('friends', id('Contact')),
    leaf('friends.tags', text),
    leaf('friendOf.name', text),
    leaf('friendOf', id('Contact')),
    pairs(['name', 'title', 'stage', '$createdBy']),
    pairs(['lastEngagement', '$createdAt', '$updatedAt']),
    words(['ada', 'LOVE', 'e', 'istanbul', 'a lovelace', '١', '京都', '庁', 'ษาไ', '지원']),
  ],
  Deal: [
    leaf('value', number, 'others'),
    dates_('expectedCloseDate'),
    moments_('closedAt'),
    leaf('contact.organization.industry', text),
    leaf('owner.name', text),
    leaf('owner', fc.oneof(id('Contact'), id('Organization'))),
    leaf('owner.metadata.a', jsonScalar),
    leaf('organization.$id', id('Organization')),
    leaf('activities.allDay', fc.boolean(), 'others'),
  ],
  Activity: [
    leaf('allDay', fc.boolean(), 'others'),
    dates_('day'),
    leaf('deal.name', text),
    leaf('deal.owner.name', text),
    stage('contact.stage'),
    moments_('contact.$createdAt'),
  ],
}

export function filterOf(kind: Kind): fc.Arbitrary<object> {
  const own = fc.oneof(...leaves[kind], ...meta(kind))
  return fc.letrec<{ filter: object }>((tie) => ({
    filter: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 5, arbitrary: own },
      { weight: 2, arbitrary: fc.array(tie('filter'), { maxLength: 3 }).map((of) => ({ $and: of })) },
      { weight: 2, arbitrary: fc.array(tie('filter'), { maxLength: 3 }).map((of) => ({ $or: of })) },
      { weight: 1, arbitrary: tie('filter').map((of) => ({ $not: of })) },
    ),
  })).filter
}

const metaNames = ['$id', '$version', '$createdAt', '$createdBy', '$updatedAt']

function sortOf(kind: Kind): fc.Arbitrary<string> {
  const names = Object.values(schemas[kind].fields)
    .filter((field) => field.kind !== 'reverse' && !field.many && !(field.kind === 'data' && field.type === 'json'))
    .map(({ name }) => name)
  // Fields with few values make many ties.
  const few = names.filter((name) => ['stage', 'allDay', 'owner', 'day'].includes(name))
  const term = fc
    .tuple(fc.constantFrom(...names, ...few, ...few, ...metaNames), fc.boolean())
    .map(([name, isDescending]) => (isDescending ? `-${name}` : name))
  return fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom('', '-$createdAt') },
    {
      weight: 5,
      arbitrary: fc
        .uniqueArray(term, { minLength: 1, maxLength: 4, selector: (name) => name.replace('-', '') })
        .map((terms) => terms.join(',')),
    },
  )
}

export const anyQuery: fc.Arbitrary<Query> = fc
  .constantFrom('Organization', 'Contact', 'Deal', 'Activity')
  .chain((kind) =>
    fc.record({
      kind: fc.constant(kind),
      filter: fc.oneof({ weight: 1, arbitrary: fc.constant({}) }, { weight: 8, arbitrary: filterOf(kind) }),
      sort: sortOf(kind),
      limit: fc.constantFrom(0, 1, 2, 3, 7, 7, 100),
      isCounted: fc.boolean(),
      fields: fc.option(fc.subarray(['name', 'value', 'stage', 'metadata', 'organization', 'day']), { nil: undefined }),
    }),
  )

/** Throws an ObjectError if the query names what this lookup does not know. */
export function parseQuery(
  query: Query,
  known: NounLookup = lookup,
): { readonly filter: Filter; readonly sort: readonly SortTerm[] } {
  const schema = known(query.kind)
  if (schema === undefined) throw new ObjectError({ code: 'not_found', message: `no Noun '${query.kind}'` })
  return {
    filter: parseFilter(query.filter, { schema, lookup: known }),
    sort: query.sort === '' ? [] : parseSort(query.sort, schema),
  }
}

/** These tests do not need linear time, so they use the platform's own regular expressions. */
export const regex: MatchContext['regex'] = (pattern, ignoreCase) => new RegExp(pattern, ignoreCase ? 'iu' : 'u')

/** Returns the ids of the matches, in order. */
export function expected(query: Query, world: World): readonly (Ordered & { readonly id: string })[] {
  const { filter, sort } = parseQuery(query)
  const entities = [...world.values()].map(({ entity }) => entity)
  const related: MatchContext['related'] = (entity, { field, to }) =>
    entities.filter(
      (other) =>
        other.$type === to &&
        (field.kind === 'reference'
          ? referredIds(entity[field.name]).includes(other.$id)
          : referredIds(other[field.by]).includes(entity.$id)),
    )
  const { searchable } = schemas[query.kind]
  return entities
    .filter((entity) => entity.$type === query.kind && matches(filter, entity, { related, regex, searchable }))
    .map((entity) => ({ id: entity.$id, values: sort.map((term) => sortValue(entity, term)) }))
    .toSorted((a, b) => compare(sort, a, b))
}

function sortValue(entity: Entity, term: SortTerm): SortValue {
  const value = entity[term.field]
  if (value === undefined || value === null) return null
  if (term.storage === 'time') return Date.parse(String(value))
  return typeof value === 'string' || typeof value === 'number' ? value : Number(value)
}

/** Deliberately a second implementation: nulls last in both directions, ties by id. */
function compare(sort: readonly SortTerm[], a: Ordered, b: Ordered): number {
  for (const [at, term] of sort.entries()) {
    const [left, right] = [a.values[at] ?? null, b.values[at] ?? null]
    if (left === null && right === null) continue
    if (left === null || right === null) return left === null ? 1 : -1
    const order =
      typeof left === 'string' && typeof right === 'string' ? compareText(left, right) : Number(left) - Number(right)
    if (order !== 0) return order * term.direction
  }
  return compareText(a.id, b.id)
}
