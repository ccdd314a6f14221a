// SQL in one statement, SQL in slices, files and the predicate compute the same aggregates over generated tenants, in the
// present and the past.

import { env } from 'cloudflare:test'
import { MemoryObjectStore } from '@dotdo/db'
import { compileRegex } from '@dotdo/do'
import {
  type Aggregate,
  type AggregateParameters,
  type AggregateResults,
  type Entity,
  type MatchContext,
  matches,
  nouns,
  ObjectError,
  parseAggregate,
  parseFilter,
} from 'digital-objects'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  differenceOf,
  type ExpectedAggregate,
  expectedAggregate,
} from '../../../digital-objects/test/expected-aggregate.ts'
import { askRead, askWrite, toRead } from '../../test/ask-tenant.ts'
import { caller, filterOf, type Kind, kinds, lookup, makeTenant, type World } from '../../test/generated-tenant.ts'
import { makeFileCache, putTenantFiles } from '../../test/tenant-files.ts'
import { builtInSchemas } from '../entities/built-in-nouns.ts'
import { answerFromFiles } from './answer-from-files.ts'

/** Multiplies the number of generated aggregates. */
const runs = Number(process.env['RUNS'] ?? 1)
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kolkata']

const groupsOf: Readonly<Record<Kind, readonly string[]>> = {
  Organization: ['industry', 'employeeCount', 'metadata.a', 'metadata.a.b', 'name', 'month($createdAt)'],
  Contact: [
    'title',
    'stage',
    'organization',
    'organization.industry',
    'organization.metadata.x-y',
    'lastEngagement',
    ...['day', 'week', 'month', 'quarter', 'year'].map((bucket) => `${bucket}(lastEngagement)`),
    '$version',
  ],
  Deal: [
    'contact',
    'contact.stage',
    'contact.organization.industry',
    'owner.name',
    'expectedCloseDate',
    ...['week', 'month', 'quarter', 'year'].map((bucket) => `${bucket}(expectedCloseDate)`),
    'week(contact.lastEngagement)',
    'quarter(contact.lastEngagement)',
  ],
  Activity: ['allDay', 'deal.name', 'contact.stage', 'deal.contact.organization.industry', '$createdBy'],
}
const valuesOf: Readonly<Record<Kind, readonly string[]>> = {
  Organization: ['employeeCount', 'employeeCount/2+1', 'coalesce(metadata.a, employeeCount, 7)'],
  Contact: [
    'leadScore',
    'leadScore*2-organization.employeeCount/leadScore',
    "match(stage, 'Lead', 1, 'Customer', leadScore, -organization.employeeCount)",
    '($updatedAt-lastEngagement)/1000',
  ],
  Deal: ['value', 'value*contact.leadScore/100', 'contact.organization.employeeCount', '-(value-expectedCloseDate)'],
  Activity: ['deal.value', 'deal.contact.leadScore', '$version*3'],
}
const plainOf: Readonly<Record<Kind, readonly string[]>> = {
  Organization: ['name', 'industry', '$createdAt'],
  Contact: ['lastEngagement', 'organization', 'organization.name'],
  Deal: ['expectedCloseDate', 'contact.name', 'contact.lastEngagement'],
  Activity: ['subject', 'deal', '$updatedAt'],
}

function parametersOf(kind: Kind): fc.Arbitrary<AggregateParameters & { readonly filter: string }> {
  const some = (names: readonly string[]) => fc.subarray([...names], { maxLength: 2 }).map((chosen) => chosen.join(','))
  const [numbers, any] = [some(valuesOf[kind]), some([...valuesOf[kind], ...plainOf[kind]])]
  return fc
    .record({
      by: fc.subarray([...groupsOf[kind]], { maxLength: 3 }).map((chosen) => chosen.join(',')),
      sum: numbers,
      avg: numbers,
      median: numbers,
      min: any,
      max: any,
      distinct: any,
      zone: fc.constantFrom(...zones),
      filter: fc.oneof(fc.constant({}), filterOf(kind)).map((filter) => JSON.stringify(filter)),
      limit: fc.constantFrom('1', '3', '1000'),
    })
    .chain((given) => fc.constantFrom('count', '-count', '').map((sort) => ({ ...given, sort })))
}

function aggregateOf(kind: Kind, parameters: AggregateParameters): Aggregate {
  return parseAggregate(parameters, { schema: nouns[kind].$schema, lookup })
}

/** Results that are too large are refused by each executor. */
function expected(
  kind: Kind,
  given: AggregateParameters & { filter: string },
  world: World,
): ExpectedAggregate | { readonly refused: string } {
  const schema = nouns[kind].$schema
  const condition = parseFilter(JSON.parse(given.filter), { schema, lookup })
  const related: MatchContext['related'] = (entity, { field, to }) =>
    field.kind === 'reference'
      ? [world.get(String(entity[field.name]))].filter((one): one is Entity => one?.$type === to)
      : [...world.values()].filter((other) => other.$type === to && other[field.by] === entity.$id)
  const context = { related, regex: compileRegex, searchable: schema.searchable }
  const matching = [...world.values()].filter((entity) => entity.$type === kind && matches(condition, entity, context))
  try {
    return expectedAggregate(aggregateOf(kind, given), matching, related)
  } catch (error) {
    if (error instanceof ObjectError) return { refused: error.message }
    throw error
  }
}

describe(`seed ${seed}`, () => {
  test.each([
    { how: 'in one statement, and files', tenants: env.TENANTS, each: 10, withFiles: true },
    { how: 'in slices of a few rows', tenants: env.SLICED as typeof env.TENANTS, each: 5, withFiles: false },
  ])(
    'SQL computes what the predicate does, now and at every recorded time, $how',
    async ({ tenants, each, withFiles }) => {
      const { stub, history } = await makeTenant(seed, tenants)
      const store = new MemoryObjectStore()
      const manifest = withFiles ? await putTenantFiles({ store, stub, caller, cuts: [0.4, 0.7, 0.9] }) : undefined
      let [groups, fromFiles] = [0, 0]
      for (const kind of kinds) {
        for (const [at, given] of fc.sample(parametersOf(kind), { seed, numRuns: each * runs }).entries()) {
          const moment = history[at % history.length] ?? { asOf: undefined, world: new Map<string, Entity>() }
          const read = { read: 'aggregate', noun: kind, parameters: given }
          const past = moment.asOf === undefined ? {} : { asOf: moment.asOf }
          const label = `${kind} ${JSON.stringify({ ...given, ...past })}`
          const answer = await askRead(stub, caller, { ...read, parameters: { ...given, ...past } })
          const wanted = expected(kind, given, moment.world)
          const aggregate = aggregateOf(kind, given)
          if ('refused' in wanted) expect(answer, label).toMatchObject({ error: { message: wanted.refused } })
          else {
            groups += wanted.results.length
            const results = JSON.parse(answer.ok ? answer.body : '{}') as AggregateResults
            expect(differenceOf(aggregate, results, wanted), label).toBeUndefined()
          }
          if (manifest === undefined) continue
          const files = { store, manifest, cache: makeFileCache(), builtIn: builtInSchemas }
          const present = expected(kind, given, history.at(-1)?.world ?? new Map())
          if ('refused' in present) continue
          const found = await answerFromFiles(files, { caller, call: toRead(read) })
          if (found === undefined) continue
          fromFiles++
          const results = JSON.parse(found.body) as AggregateResults
          expect(differenceOf(aggregate, results, present), `files: ${label}`).toBeUndefined()
        }
      }
      expect(groups).toBeGreaterThan(0)
      if (withFiles) expect(fromFiles).toBeGreaterThan(0)
    },
  )
})

test('sums, averages, medians and periods of known entities', async () => {
  const stub = env.TENANTS.get(env.TENANTS.idFromName(`aggregates-${Math.random()}`))
  const create = async (noun: string, fields: object): Promise<void> => {
    const body = JSON.stringify(fields)
    expect(await askWrite(stub, caller, { noun, verb: 'create', body })).toMatchObject({ ok: true })
  }
  const at = (closedAt: string) => ({ closedAt })
  // A won deal has the probability 100.
  await create('Deal', { name: 'a', value: 0.1, stage: 'Won', ...at('2026-03-31T21:59:59Z') })
  await create('Deal', { name: 'b', value: 0.2, stage: 'Won', ...at('2026-03-31T22:00:00Z') })
  await create('Deal', { name: 'c', value: 5, stage: 'Lost', ...at('2026-12-31T23:30:00Z') })
  await create('Deal', { name: 'd', value: 9 })
  const ask = async (parameters: Readonly<Record<string, string>>): Promise<AggregateResults> => {
    const answer = await askRead(stub, caller, { read: 'aggregate', noun: 'Deal', parameters })
    if (!answer.ok) throw new ObjectError(answer.error)
    return JSON.parse(answer.body) as AggregateResults
  }
  const values = { sum: 'value,value*probability/1000', avg: 'value', median: 'value', distinct: 'stage' }
  expect(await ask({ by: 'stage', ...values, filter: '{"stage":"Won"}' })).toEqual({
    results: [
      {
        by: { stage: 'Won' },
        count: 2,
        sum: { value: 0.3, 'value*probability/1000': 0.03 },
        avg: { value: 0.15 },
        distinct: { stage: 1 },
        median: { value: 0.15 },
      },
    ],
    hasMore: false,
  })
  const months = async (zone: string): Promise<unknown> =>
    (await ask({ by: 'month(closedAt)', zone })).results.map(({ by, count }) => [by['month(closedAt)'], count])
  expect(await months('UTC')).toEqual([
    ['2026-03', 2],
    ['2026-12', 1],
    [null, 1],
  ])
  expect(await months('Europe/Berlin')).toEqual([
    ['2026-03', 1],
    ['2026-04', 1],
    ['2027-01', 1],
    [null, 1],
  ])
  expect(await ask({ sort: '-sum(value)', by: 'name', sum: 'value', limit: '1' })).toEqual({
    results: [{ by: { name: 'd' }, count: 1, sum: { value: 9 } }],
    hasMore: true,
  })
  // Nobody is there, and still there is one group.
  expect(await ask({ ...values, max: 'value', filter: '{"name":"x"}' })).toMatchObject({
    results: [
      { by: {}, count: 0, sum: { value: 0 }, avg: { value: null }, max: { value: null }, distinct: { stage: 0 } },
    ],
  })
})
