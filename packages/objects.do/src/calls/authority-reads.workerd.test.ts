// All reads by callers with generated authorities over a generated tenant, compared with a model that first filters all data
// by the authority: answers contain nothing invisible, and lack nothing visible.

import { MemoryObjectStore } from '@dotdo/db'
import { compileRegex } from '@dotdo/do'
import {
  type Aggregate,
  type AggregateParameters,
  type AggregateResults,
  compareText,
  type Entity,
  entityFold,
  Groups,
  matches,
  type NounSchema,
  nouns,
  ObjectError,
  type ObjectErrorData,
  parseAggregate,
  parseFilter,
  parseSort,
  type RowRule,
  toAggregateResults,
  tokenize,
} from 'digital-objects'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { relatedAmong } from '../../../@dotdo/db/test/generated-authority.ts'
import { ask, askRead, type ReadGiven, toRead } from '../../test/ask-tenant.ts'
import { callback, item, member } from '../../test/expression-builder.ts'
import {
  caller as fullCaller,
  filterOf,
  type GeneratedTenant,
  type Kind,
  kinds,
  makeTenant,
  type Moment,
  sortOf,
  type World,
} from '../../test/generated-tenant.ts'
import { linkWorld } from '../../test/linked-world.ts'
import { type RestrictedCaller, restrictedCallers, visibleWorld } from '../../test/restricted-callers.ts'
import { makeFileCache, putTenantFiles } from '../../test/tenant-files.ts'
import { builtInSchemas } from '../entities/built-in-nouns.ts'
import type { FilesParts } from '../files/files-parts.ts'
import { answerFromFiles } from './answer-from-files.ts'

interface Page {
  readonly results: readonly Entity[]
  readonly total: number | null
  readonly hasMore: boolean
  readonly cursor: string | null
}

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const callersEach = Number(process.env['RUNS'] ?? 4)
let tenant: GeneratedTenant
let present: World
let callers: readonly RestrictedCaller[]
beforeAll(async () => {
  tenant = await makeTenant(seed)
  present = (tenant.history.at(-1) as Moment).world
  const contactIds = [...present.values()].filter(({ $type }) => $type === 'Contact').map(({ $id }) => $id)
  callers = restrictedCallers({ seed, count: callersEach, contactIds })
})

async function read<Body>({ caller }: RestrictedCaller, given: ReadGiven): Promise<Body> {
  const answer = await askRead(tenant.stub, caller, given)
  if (!answer.ok) throw new ObjectError(answer.error)
  return JSON.parse(answer.body) as Body
}

async function refusalOf({ caller }: RestrictedCaller, given: ReadGiven): Promise<ObjectErrorData | undefined> {
  const answer = await askRead(tenant.stub, caller, given)
  return answer.ok ? undefined : answer.error
}

/** Returns undefined if the aggregate names a field that the caller cannot see. */
function visibleAggregate(
  parameters: AggregateParameters,
  { schema, of }: { readonly schema: NounSchema; readonly of: RestrictedCaller },
): Aggregate | undefined {
  try {
    return parseAggregate(parameters, { schema, lookup: of.visibility.lookup })
  } catch (error) {
    if (error instanceof ObjectError) return undefined
    throw error
  }
}

/** Returns undefined if the filter names a Noun or field that the caller cannot see. */
function expectedIds(kind: Kind, filter: object, { world, of }: { world: World; of: RestrictedCaller }) {
  const schema = of.visibility.lookup(kind)
  if (schema === undefined) return undefined
  try {
    const parsed = parseFilter(filter, { schema, lookup: of.visibility.lookup })
    const context = { related: relatedAmong([...world.values()]), regex: compileRegex, searchable: schema.searchable }
    return [...world.values()]
      .filter((entity) => entity.$type === kind && matches(parsed, entity, context))
      .map(({ $id }) => $id)
  } catch (error) {
    if (error instanceof ObjectError) return undefined
    throw error
  }
}

const isKnownSort = (sort: string, schema: NounSchema | undefined): boolean => {
  try {
    return schema !== undefined && parseSort(sort, schema).length > 0
  } catch (error) {
    if (error instanceof ObjectError) return false
    throw error
  }
}

async function allPages(of: RestrictedCaller, noun: string, parameters: Readonly<Record<string, string>>) {
  const found: Entity[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Page = await read(of, {
      read: 'find',
      noun,
      parameters: cursor === '' ? parameters : { ...parameters, cursor },
    })
    found.push(...page.results)
    cursor = page.hasMore ? page.cursor : null
  }
  return found
}

const newestFirst = (a: Entity, b: Entity): number =>
  compareText(b.$createdAt, a.$createdAt) || compareText(a.$id, b.$id)

describe(`seed ${seed}`, () => {
  test('lists, counts and totals are those of the visible entities, now and at every past time, page by page', async () => {
    const seen = { found: 0, hidden: 0, refused: 0 }
    for (const [nth, of] of callers.entries()) {
      for (const [at, moment] of tenant.history.entries()) {
        const world = visibleWorld(moment.world, of.authority)
        seen.hidden += moment.world.size - world.size
        const asOf: Record<string, string> = moment.asOf === undefined ? {} : { asOf: moment.asOf }
        for (const kind of kinds) {
          // The first caller lists everything that it sees once.
          const isWhole = nth === 0 && moment.asOf === undefined
          const drawn = fc.sample(filterOf(kind), { seed: seed + nth * 100 + at, numRuns: 1 })[0] ?? {}
          const filter = isWhole ? {} : drawn
          const sort = sortOf[kind][(nth + at) % sortOf[kind].length] as string
          const wanted = isKnownSort(sort, of.visibility.lookup(kind))
            ? expectedIds(kind, filter, { world, of })
            : undefined
          const parameters = { ...asOf, filter: JSON.stringify(filter), sort, limit: String(1 + (at % 7)) }
          const label = JSON.stringify([of.authority, kind, parameters])
          if (wanted === undefined) {
            seen.refused++
            expect(await refusalOf(of, { read: 'find', noun: kind, parameters }), label).toBeDefined()
            continue
          }
          const found = await allPages(of, kind, parameters)
          expect(found.map(({ $id }) => $id).toSorted(compareText), label).toEqual(wanted.toSorted(compareText))
          for (const entity of found) expect(entity, label).toEqual(world.get(entity.$id))
          const { total } = await read<Page>(of, {
            read: 'find',
            noun: kind,
            parameters: { ...parameters, limit: '1', count: 'exact' },
          })
          expect(total, label).toBe(wanted.length)
          const { count } = await read<{ count: number }>(of, {
            read: 'count',
            noun: kind,
            parameters: { ...asOf, filter: parameters.filter },
          })
          expect(count, label).toBe(wanted.length)
          seen.found += wanted.length
        }
      }
    }
    // The first caller alone finds 36 organizations, contacts and activities each, and misses all deals at five times.
    expect(seen.found).toBeGreaterThanOrEqual(108)
    expect(seen.hidden).toBeGreaterThanOrEqual(168)
    expect(seen.refused).toBeGreaterThanOrEqual(5)
  })

  test('a hidden entity is refused like a missing one, and a visible one is returned without its hidden fields', async () => {
    const missing = { Organization: 'organization', Contact: 'contact', Deal: 'deal', Activity: 'activity' }
    let hidden = 0
    for (const of of callers) {
      for (const { asOf, world: all } of [tenant.history[1], tenant.history.at(-1)] as readonly Moment[]) {
        const world = visibleWorld(all, of.authority)
        const parameters = asOf === undefined ? {} : { asOf }
        // A third of the entities is asked for, which differs from run to run.
        for (const entity of [...all.values()].filter((_, at) => at % 3 === seed % 3)) {
          const given = { read: 'get', noun: entity.$type, id: entity.$id, parameters }
          const visible = world.get(entity.$id)
          if (visible !== undefined) {
            expect(await read(of, given)).toEqual(visible)
            continue
          }
          hidden++
          const no = `${missing[entity.$type as Kind]}_000000000000`
          const refused = JSON.stringify(await refusalOf(of, given)).replaceAll(entity.$id, no)
          expect(refused).toBe(JSON.stringify(await refusalOf(of, { ...given, id: no })))
        }
      }
    }
    // The first caller misses 24 and 48 deals, of which about a third was asked for.
    expect(hidden).toBeGreaterThanOrEqual(18)
  })

  test('includes return only visible entities, in both directions', async () => {
    let [included, gone] = [0, 0]
    for (const of of callers) {
      const world = visibleWorld(present, of.authority)
      for (const kind of kinds) {
        const schema = of.visibility.lookup(kind)
        const relations = Object.values(schema?.fields ?? {}).filter(
          (field) => field.kind === 'reverse' || field.kind === 'reference',
        )
        if (relations.length === 0) continue
        const parameters = { limit: '100', include: relations.map(({ name }) => name).join(',') }
        const { results } = await read<Page>(of, { read: 'find', noun: kind, parameters })
        for (const entity of results) {
          const own = world.get(entity.$id) as Entity
          for (const relation of relations) {
            const label = JSON.stringify([of.authority, entity.$id, relation.name])
            if (relation.kind === 'reverse') {
              const wanted = [...world.values()]
                .filter((other) => other.$type === relation.from && other[relation.by] === entity.$id)
                .toSorted(newestFirst)
              const value = relation.many ? wanted : (wanted[0] ?? null)
              expect(entity[relation.name], label).toEqual(value)
              included += wanted.length
              continue
            }
            const id = own[relation.name]
            expect(entity[relation.name], label).toEqual(id === undefined ? undefined : (world.get(String(id)) ?? null))
            if (id !== undefined && present.has(String(id)) && !world.has(String(id))) gone++
          }
        }
      }
    }
    expect(Math.min(included, gone)).toBeGreaterThan(3)
  })

  test('pipelines follow relations only through visible entities', async () => {
    const contactIds = [...present.values()].filter(({ $type }) => $type === 'Contact').map(({ $id }) => $id)
    const ofRows = restrictedCallers({ seed: seed + 1, count: callersEach, contactIds, hides: false })
    let compared = 0
    for (const of of ofRows) {
      const linked = linkWorld(visibleWorld(present, of.authority))
      const paths = [
        ['Contact', 'deals'],
        ['Deal', 'contact'],
        ['Organization', 'contacts'],
        ['Activity', 'deal'],
      ] as const
      for (const [noun, name] of paths) {
        const schema = of.visibility.lookup(noun)
        if (schema === undefined || !Object.hasOwn(schema.fields, name) || schema.fields[name]?.kind === 'data')
          continue
        const steps = [{ step: 'map', callback: callback(member(item, name)) } as const]
        const answer = await ask(tenant.stub, of.caller, {
          kind: 'pipeline',
          read: 'find',
          noun,
          parameters: {},
          steps,
        })
        if (!answer.ok) throw new ObjectError(answer.error)
        const { value } = JSON.parse(answer.body) as { value: readonly unknown[] }
        const related = linked.all(noun).map((entity) => entity[name])
        const wanted = related.every(Array.isArray) ? related.flat() : related.map((one) => one ?? null)
        expect(value, JSON.stringify([of.authority, noun, name])).toEqual(linked.plain(wanted))
        compared += value.length
      }
    }
    expect(compared).toBeGreaterThan(20)
  })

  test('files answer a caller with the same bodies as the object, or leave the answer to it', async () => {
    const store = new MemoryObjectStore()
    const manifest = await putTenantFiles({ store, stub: tenant.stub, caller: fullCaller, cuts: [0.4, 0.7, 0.9] })
    const files: FilesParts = { store, manifest, cache: makeFileCache(), builtIn: builtInSchemas }
    const outcomes = { files: 0, refused: 0, object: 0 }
    for (const [nth, of] of callers.entries()) {
      for (const kind of kinds) {
        const filters = fc.sample(filterOf(kind), { seed: seed + nth, numRuns: 6 })
        const include = ['contacts', 'organization', 'deals', 'contact', 'activities', 'deal']
          .filter((name) => nouns[kind].$schema.fields[name] !== undefined)
          .join(',')
        const calls: ReadGiven[] = [
          ...filters.map((filter) => ({ read: 'count', noun: kind, parameters: { filter: JSON.stringify(filter) } })),
          ...filters.map((filter) => ({
            read: 'find',
            noun: kind,
            parameters: { filter: JSON.stringify(filter), sort: sortOf[kind][nth % 3] ?? '$id', limit: '7' },
          })),
          { read: 'find', noun: kind, parameters: { limit: '40', include } },
          ...[...present.values()]
            .filter(({ $type }) => $type === kind)
            .slice(0, 10)
            .map(({ $id }) => ({ read: 'get', noun: kind, id: $id })),
        ]
        for (const given of calls) outcomes[await compareWithFiles(files, of, given)]++
      }
    }
    expect(outcomes.files).toBeGreaterThan(80)
  })

  test('a cursor is refused for a caller with other rights', async () => {
    const withRead = (rule: RowRule): RestrictedCaller => {
      const granted = { read: rule, write: 'none', hidden: ['metadata'], verbs: [] } as const
      const authority = { who: 'anonymous', nouns: {}, others: granted }
      return { ...(callers[0] as RestrictedCaller), caller: { ...fullCaller, authority } }
    }
    const [one, other] = [withRead('all'), withRead({ name: { $exists: true } })]
    const parameters = { sort: '$id', limit: '2' }
    const { cursor } = await read<Page>(one, { read: 'find', noun: 'Contact', parameters })
    const next = { read: 'find', noun: 'Contact', parameters: { ...parameters, cursor: String(cursor) } }
    expect((await read<Page>(one, next)).results).toHaveLength(2)
    expect(await refusalOf(other, next)).toMatchObject({ code: 'invalid_cursor' })
    const full = { ...one, caller: fullCaller }
    expect(await refusalOf(full, next)).toMatchObject({ code: 'invalid_cursor' })
  })

  test('words are found in visible fields only, in the usual order and page by page', async () => {
    const blind = { read: 'all', write: 'none', hidden: ['title'], verbs: [] } as const
    const authority = { who: 'anonymous', nouns: { Contact: blind }, others: { ...blind, hidden: [] } }
    const of = { ...(callers[0] as RestrictedCaller), caller: { ...fullCaller, authority } }
    const contacts = [...present.values()].filter(({ $type }) => $type === 'Contact').toSorted(newestFirst)
    const has = (entity: Entity, fields: readonly string[], word: string): boolean =>
      fields.some((name) => {
        const value = entity[name]
        return typeof value === 'string' && tokenize(value).some((own) => own.startsWith(word))
      })
    let onlyHidden = 0
    for (const word of ['ada', 'lovelace', 'e', 'b', 'zz', 's', 'istanbul']) {
      onlyHidden += contacts.filter((one) => has(one, ['title'], word) && !has(one, ['name', 'email'], word)).length
      for (const isFound of [true, false]) {
        const filter = JSON.stringify(isFound ? { $text: word } : { $not: { $text: word } })
        const wanted = contacts.filter((one) => has(one, ['name', 'email'], word) === isFound).map(({ $id }) => $id)
        const found = await allPages(of, 'Contact', { filter, limit: '3' })
        expect(
          found.map(({ $id }) => $id),
          filter,
        ).toEqual(wanted)
        const { count } = await read<{ count: number }>(of, { read: 'count', noun: 'Contact', parameters: { filter } })
        expect(count, filter).toBe(wanted.length)
      }
    }
    expect(onlyHidden).toBeGreaterThan(3)
  })

  test('aggregates group and sum what is visible, and refuse hidden fields like unknown ones', async () => {
    let [counted, refused] = [0, 0]
    const by = {
      Organization: 'industry',
      Contact: 'organization.industry',
      Deal: 'contact.stage',
      Activity: 'deal.name',
    }
    const sum = { Organization: 'employeeCount', Contact: 'leadScore', Deal: 'value', Activity: 'deal.value' }
    for (const of of callers) {
      const world = visibleWorld(present, of.authority)
      for (const kind of kinds) {
        const parameters = { by: by[kind], sum: sum[kind], filter: '{"$version":{"$gte":1}}' }
        const given = { read: 'aggregate', noun: kind, parameters }
        const schema = of.visibility.lookup(kind)
        const aggregate = schema === undefined ? undefined : visibleAggregate(parameters, { schema, of })
        if (schema === undefined || aggregate === undefined) {
          expect(await refusalOf(of, given), kind).toMatchObject({
            code: schema === undefined ? 'not_found' : 'invalid_aggregate',
          })
          refused++
          continue
        }
        const groups = new Groups(aggregate)
        const fold = entityFold(aggregate, groups, relatedAmong([...world.values()]))
        for (const entity of world.values()) if (entity.$type === kind) fold(entity)
        const wanted = toAggregateResults(aggregate, groups.all).results
        const { results } = await read<AggregateResults>(of, given)
        const counts = (of: AggregateResults['results']) => of.map(({ by: key, count }) => ({ key, count }))
        expect(counts(results), JSON.stringify([kind, of.authority])).toEqual(counts(wanted))
        for (const [at, group] of results.entries()) {
          const [is, expected] = [group.sum?.[sum[kind]], wanted[at]?.sum?.[sum[kind]]].map(Number)
          const difference = is === expected ? 0 : Math.abs((Number(is) - Number(expected)) / Number(expected))
          expect(difference).toBeLessThan(1e-13)
        }
        counted += wanted.length
      }
    }
    expect([counted > 5, refused > 0]).toEqual([true, true])
  })

  test('references are counted from visible entities', async () => {
    let counted = 0
    for (const of of callers) {
      const world = visibleWorld(present, of.authority)
      for (const { $id, $type } of [...world.values()].slice(0, 40)) {
        const given = { read: 'references', noun: $type, id: $id }
        const { results } = await read<{ results: readonly { noun: string; field: string; count: number }[] }>(
          of,
          given,
        )
        const wanted = [...world.values()].flatMap((entity) =>
          Object.values(of.visibility.lookup(entity.$type)?.fields ?? {})
            .filter((field) => field.kind === 'reference' && entity[field.name] === $id)
            .map((field) => `${entity.$type}.${field.name}`),
        )
        const counts = Map.groupBy(wanted, (name) => name)
        expect(new Map(results.map(({ noun, field, count }) => [`${noun}.${field}`, count]))).toEqual(
          new Map([...counts].map(([name, { length }]) => [name, length])),
        )
        counted += wanted.length
      }
    }
    expect(counted).toBeGreaterThan(5)
  })

  test('descriptions contain no hidden field and no unreadable Noun', async () => {
    for (const of of callers) {
      const schemas = await read<Record<string, { fields: { name: string }[] }>>(of, { read: 'schemas' })
      const openapi = await read<{ components: { schemas: Record<string, { properties?: object }> } }>(of, {
        read: 'openapi',
      })
      const status = await read<{ entities: Record<string, number> }>(of, { read: 'status' })
      const world = visibleWorld(present, of.authority)
      for (const kind of kinds) {
        const visible = of.visibility.lookup(kind)
        expect(schemas[kind]?.fields.map(({ name }) => name)).toEqual(visible && Object.keys(visible.fields))
        const stored = Object.values(visible?.fields ?? {}).filter((field) => field.kind !== 'reverse')
        expect(Object.keys(openapi.components.schemas[`${kind}Update`]?.properties ?? {})).toEqual(
          stored.map(({ name }) => name),
        )
        const { length } = [...world.values()].filter(({ $type }) => $type === kind)
        expect(status.entities[kind] ?? 0, kind).toBe(length)
      }
    }
  })

  test('filters, sorts, includes and fields refuse a hidden field with the error of an unknown one', async () => {
    const granted = { read: 'all', write: 'all', hidden: ['leadScore', 'deals', 'organization'], verbs: 'all' } as const
    const authority = { who: 'anonymous', nouns: { Contact: granted }, others: { ...granted, hidden: [] } }
    const of = { ...(callers[0] as RestrictedCaller), caller: { ...fullCaller, authority } }
    const asks: readonly (readonly [string, string, (name: string) => Record<string, string>])[] = [
      ['leadScore', 'qqqqqqqqq', (name) => ({ filter: JSON.stringify({ [name]: 1 }) })],
      ['deals', 'qqqqq', (name) => ({ filter: JSON.stringify({ [`${name}.value`]: 1 }) })],
      [
        'organization',
        'qqqqqqqqqqqq',
        (name) => ({ filter: JSON.stringify({ $or: [{ [name]: { $exists: false } }] }) }),
      ],
      ['leadScore', 'qqqqqqqqq', (name) => ({ [name]: '1' })],
      ['leadScore', 'qqqqqqqqq', (name) => ({ sort: `-${name}` })],
      ['leadScore', 'qqqqqqqqq', (name) => ({ fields: name })],
      ['deals', 'qqqqq', (name) => ({ include: name })],
      ['organization', 'qqqqqqqqqqqq', (name) => ({ include: name })],
    ]
    for (const [hidden, unknown, parameters] of asks) {
      const refused = await refusalOf(of, { read: 'find', noun: 'Contact', parameters: parameters(hidden) })
      const other = await refusalOf(of, { read: 'find', noun: 'Contact', parameters: parameters(unknown) })
      expect(refused).toBeDefined()
      // The visible names that the message suggests depend on the requested name.
      const plain = (error: unknown): string =>
        JSON.stringify(error).replace(/; (?:did you mean|its relations are)[^"]*/, '')
      expect(plain(refused)).toBe(plain(other).replaceAll(unknown, hidden))
    }
    // The inverse of a hidden reference is hidden as well.
    const parameters = { filter: JSON.stringify({ 'contacts.name': 'a' }) }
    expect(await refusalOf(of, { read: 'find', noun: 'Organization', parameters })).toMatchObject({
      code: 'invalid_filter',
    })
  })
})

/** Expects the same bytes from files and from the object, or a refusal by both. */
async function compareWithFiles(
  files: FilesParts,
  { caller, authority }: RestrictedCaller,
  given: ReadGiven,
): Promise<'files' | 'refused' | 'object'> {
  const answer = await askRead(tenant.stub, caller, given)
  const object = answer.ok ? { body: answer.body } : { error: answer.error }
  const label = JSON.stringify([authority, given])
  try {
    const result = await answerFromFiles(files, { caller, call: toRead(given) })
    if (result === undefined) return 'object'
    expect({ body: result.body }, label).toEqual(object)
    return 'files'
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    expect({ error: error.toData() }, label).toEqual(object)
    return 'refused'
  }
}
