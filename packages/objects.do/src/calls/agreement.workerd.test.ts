// SQL agrees with the predicate on generated tenants and filters, in the present and the past.

import { env } from 'cloudflare:test'
import { compileRegex } from '@dotdo/do'
import {
  compareText,
  type Entity,
  matches,
  matchesAll,
  nouns,
  ObjectError,
  parseFilter,
  parseSort,
  type SortTerm,
} from 'digital-objects'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  caller,
  filterOf,
  type GeneratedTenant,
  type Ids,
  type Kind,
  kinds,
  lookup,
  makeTenant,
  type Moment,
  recordOf,
  sortOf,
  type World,
} from '../../test/generated-tenant.ts'
import { askRead } from '../../test/ask-tenant.ts'
import { ProgramClient } from '../../test/program-client.ts'

interface Page {
  readonly results: readonly Entity[]
  readonly total: number | null
  readonly hasMore: boolean
  readonly cursor: string | null
}
type Find = (noun: string, parameters: Readonly<Record<string, string>>) => Promise<Page>

function findIn(stub: GeneratedTenant['stub']): Find {
  return async (noun, parameters) => {
    const answer = await askRead(stub, caller, { read: 'find', noun, parameters })
    if (!answer.ok) throw new ObjectError(answer.error)
    return JSON.parse(answer.body) as Page
  }
}

/** Opens a program that writes at random. Its lists, and the recorded states, the last of which has its writes. */
async function writeInProgram(
  { stub, history }: GeneratedTenant,
  salt: number,
): Promise<{ readonly find: Find; readonly history: readonly Moment[] }> {
  const program = new ProgramClient(stub, caller)
  const sample = <Value>(arbitrary: fc.Arbitrary<Value>, at: number): Value =>
    fc.sample(arbitrary, { seed: seed * 31 + salt * 1_000 + at, numRuns: 1 })[0] as Value
  const world = new Map(history.at(-1)?.world)
  const idsOf = (kind: Kind): string[] =>
    [...world.values()].filter(({ $type }) => $type === kind).map(({ $id }) => $id)
  for (let at = 0; at < 40; at += 4) {
    const kind = sample(fc.constantFrom(...kinds), at)
    const ids: Ids = {
      Organization: idsOf('Organization'),
      Contact: idsOf('Contact'),
      Deal: idsOf('Deal'),
      Activity: idsOf('Activity'),
    }
    const verb = sample(fc.constantFrom('create', 'create', 'update', 'update', 'delete'), at + 1)
    const id = sample(fc.constantFrom(...ids[kind]), at + 2)
    const body = verb === 'delete' ? '' : JSON.stringify(sample(recordOf[kind](ids), at + 3))
    const named = verb === 'create' ? {} : { id }
    const written = await program.one({ kind: 'write', noun: kind, verb, body, ...named })
    if (verb === 'delete') world.delete(id)
    else {
      const entity = written as unknown as Entity
      world.set(entity.$id, entity)
    }
  }
  const find: Find = async (noun, parameters) =>
    (await program.one({ kind: 'read', read: 'find', noun, parameters })) as unknown as Page
  return { find, history: [...history.slice(0, -1), { asOf: undefined, world }] }
}

function expected(kind: Kind, filter: unknown, world: World): Entity[] {
  const schema = nouns[kind].$schema
  const parsed = parseFilter(filter, { schema, lookup })
  const related = (
    entity: Entity,
    { field, to }: { field: { kind: string; name: string; by?: string }; to: string },
  ): Entity[] => {
    if (field.kind === 'reference') {
      const target = world.get(String(entity[field.name]))
      return target?.$type === to ? [target] : []
    }
    return [...world.values()].filter((other) => other.$type === to && other[field.by ?? ''] === entity.$id)
  }
  return [...world.values()].filter(
    (entity) =>
      entity.$type === kind && matches(parsed, entity, { related, regex: compileRegex, searchable: schema.searchable }),
  )
}

function inOrder(entities: readonly Entity[], sort: readonly SortTerm[]): string[] {
  const value = (entity: Entity, term: SortTerm): string | number | undefined => {
    const raw = entity[term.field]
    if (raw === undefined || raw === null) return undefined
    return term.storage === 'time'
      ? Date.parse(String(raw))
      : term.storage === 'boolean'
        ? Number(raw)
        : (raw as string | number)
  }
  const compare = (a: Entity, b: Entity): number => {
    for (const term of sort) {
      const [left, right] = [value(a, term), value(b, term)]
      if (left === right) continue
      if (left === undefined || right === undefined) return left === undefined ? 1 : -1
      const order = typeof left === 'string' ? compareText(left, String(right)) : left - Number(right)
      if (order !== 0) return order * term.direction
    }
    return compareText(a.$id, b.$id)
  }
  return entities.toSorted(compare).map((entity) => entity.$id)
}

async function allPages(
  find: Find,
  noun: string,
  parameters: Readonly<Record<string, string>>,
  limit: number,
): Promise<string[]> {
  const found: string[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Page = await find(noun, { ...parameters, limit: String(limit), ...(cursor === '' ? {} : { cursor }) })
    found.push(...page.results.map((entity) => entity.$id))
    cursor = page.hasMore ? page.cursor : null
  }
  return found
}

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

describe(`seed ${seed}`, () => {
  test.each([
    { how: 'in one statement', tenants: env.TENANTS, filtersEach: Number(process.env['RUNS'] ?? 12) },
    { how: 'in slices of a few rows', tenants: env.SLICED as typeof env.TENANTS, filtersEach: 8 },
    {
      how: 'inside a program, with its own writes',
      tenants: env.TENANTS,
      filtersEach: 6,
      isInProgram: true,
    },
  ])(
    'SQL finds exactly the entities that match the predicate, in order, page by page, now and at every recorded time, $how',
    async ({ tenants, filtersEach, isInProgram }) => {
      const tenant = await makeTenant(seed, tenants)
      let matched = 0
      for (const [place, kind] of kinds.entries()) {
        const { find, history } =
          isInProgram === true ? await writeInProgram(tenant, place) : { ...tenant, find: findIn(tenant.stub) }
        const filters = fc.sample(filterOf(kind), { seed, numRuns: filtersEach })
        for (const [at, filter] of filters.entries()) {
          const moment = history[at % history.length] as Moment
          const sort = sortOf[kind][at % sortOf[kind].length] as string
          const parameters = {
            filter: JSON.stringify(filter),
            sort,
            ...(moment.asOf === undefined ? {} : { asOf: moment.asOf }),
          }
          const wanted = inOrder(expected(kind, filter, moment.world), parseSort(sort, nouns[kind].$schema))
          // A program ends after 5 s, on a slow machine too.
          const limit = (isInProgram === true ? 8 : 1) + (at % 7)
          expect(await allPages(find, kind, parameters, limit), `${kind} ${JSON.stringify(parameters)}`).toEqual(wanted)
          const { total } = await find(kind, { ...parameters, limit: '1', count: 'exact' })
          expect(total, `total of ${kind} ${parameters.filter}`).toBe(wanted.length)
          const page = await find(kind, { ...parameters, limit: '1' })
          const condition = parseFilter(filter, { schema: nouns[kind].$schema, lookup })
          const isKnown = !page.hasMore || (moment.asOf === undefined && matchesAll(condition))
          expect(page.total, `total of a page of ${kind} ${parameters.filter}`).toBe(isKnown ? wanted.length : null)
          matched += wanted.length
        }
      }
      expect(matched).toBeGreaterThan(50)
    },
  )

  test('the past state equals the recorded one, entity by entity', async () => {
    const { stub, history } = await makeTenant(seed + 1)
    const find = findIn(stub)
    for (const { asOf, world } of history) {
      for (const kind of kinds) {
        const { results } = await find(kind, { limit: '100', sort: '$id', ...(asOf === undefined ? {} : { asOf }) })
        const recorded = [...world.values()].filter((entity) => entity.$type === kind)
        expect(Object.fromEntries(results.map((entity) => [entity.$id, entity]))).toEqual(
          Object.fromEntries(recorded.map((entity) => [entity.$id, entity])),
        )
      }
    }
  })
})
