// Aggregates of columns equal those of entities one by one, however a history is cut into layers and row groups.

import {
  type Aggregate,
  type Entity,
  type MatchContext,
  matches,
  parseAggregate,
  parseFilter,
  referredIds,
  toAggregateResults,
} from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { differenceOf, expectedAggregate } from '../../../../digital-objects/test/expected-aggregate.ts'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import { worldOf } from '../../test/tenant-history.ts'
import { anyTenant, briefly, fileCache, putTenant } from '../../test/tenant-layers.ts'
import { type Kind, kinds, lookup, schemas } from '../../test/tenant-nouns.ts'
import { filterOf, regex } from '../../test/tenant-queries.ts'
import { Snapshot } from './snapshot.ts'

const runs = Number(process.env['RUNS'] ?? 3)
const aggregatesEach = 20

const groupsOf: Readonly<Record<Kind, readonly string[]>> = {
  Organization: [
    'industry',
    'employeeCount',
    'metadata',
    'metadata.a',
    'metadata.a.b',
    '$createdBy',
    'week($createdAt)',
  ],
  Contact: [
    'title',
    'stage',
    'organization',
    'organization.metadata.a',
    'manager.organization.name',
    '$version',
    ...['day', 'month', 'year'].map((bucket) => `${bucket}(lastEngagement)`),
  ],
  Deal: [
    'expectedCloseDate',
    'week(expectedCloseDate)',
    'quarter(closedAt)',
    'contact.stage',
    'owner.name',
    'contact.manager.title',
    '$id',
  ],
  Activity: ['allDay', 'day', 'month(day)', 'deal.contact.stage', 'year(deal.closedAt)'],
}
const valuesOf: Readonly<Record<Kind, readonly string[]>> = {
  Organization: ['employeeCount', 'coalesce(metadata.a, employeeCount, 7)', '$version'],
  Contact: [
    'leadScore/organization.employeeCount',
    "match(stage, 'Lead', 1, 'Customer', leadScore, -$version)",
    '$updatedAt-lastEngagement',
  ],
  Deal: ['value', 'value/contact.leadScore', 'closedAt-expectedCloseDate'],
  Activity: ['deal.value', '$version*3'],
}
const plainOf: Readonly<Record<Kind, readonly string[]>> = {
  Organization: ['name', 'metadata.a', '$createdAt'],
  Contact: ['lastEngagement', 'organization', 'organization.name', 'title'],
  Deal: ['expectedCloseDate', 'closedAt', 'contact.name', 'owner'],
  Activity: ['subject', 'day', 'deal'],
}

interface Asked {
  readonly kind: Kind
  readonly filter: object
  readonly parameters: Readonly<Record<string, string>>
}

const anyAggregate: fc.Arbitrary<Asked> = fc.constantFrom(...kinds).chain((kind) => {
  const some = (names: readonly string[]) => fc.subarray([...names], { maxLength: 2 }).map((chosen) => chosen.join(','))
  const [numbers, any] = [some(valuesOf[kind]), some([...valuesOf[kind], ...plainOf[kind]])]
  return fc.record({
    kind: fc.constant(kind),
    filter: fc.oneof(fc.constant({}), filterOf(kind)),
    parameters: fc.record({
      by: fc.subarray([...groupsOf[kind]], { maxLength: 3 }).map((chosen) => chosen.join(',')),
      sum: numbers,
      avg: numbers,
      median: numbers,
      min: any,
      max: any,
      distinct: any,
      zone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns'),
    }),
  })
})

/** The reference implementation; undefined if a result is too large. */
function expectedOf({ kind, filter }: Asked, entities: readonly Entity[], aggregate: Aggregate) {
  const schema = schemas[kind]
  const condition = parseFilter(filter, { schema, lookup })
  const related: MatchContext['related'] = (entity, { field, to }) =>
    entities.filter(
      (other) =>
        other.$type === to &&
        (field.kind === 'reference'
          ? referredIds(entity[field.name]).includes(other.$id)
          : referredIds(other[field.by]).includes(entity.$id)),
    )
  const context = { related, regex, searchable: schema.searchable }
  const matching = entities.filter((entity) => entity.$type === kind && matches(condition, entity, context))
  try {
    return expectedAggregate(aggregate, matching, related)
  } catch {
    return undefined
  }
}

test('columns have the groups and values of their entities', { timeout: 600_000 }, async () => {
  let groupsSeen = 0
  const asked = fc
    .array(anyAggregate, { minLength: aggregatesEach, maxLength: aggregatesEach, size: 'max' })
    .map(briefly)
  await fc.assert(
    fc.asyncProperty(anyTenant, asked, async (tenant, aggregates) => {
      const store = new MemoryObjectStore()
      const manifest = await putTenant(store, tenant)
      const snapshot = new Snapshot({ store, manifest, cache: fileCache(tenant.cacheWeightMax), lookup, regex })
      const entities = [...worldOf(tenant.changes).values()].map(({ entity }) => entity)
      for (const one of aggregates) {
        const schema = schemas[one.kind]
        const aggregate = parseAggregate(one.parameters, { schema, lookup })
        const expected = expectedOf(one, entities, aggregate)
        if (expected === undefined) continue
        const groups = await snapshot.aggregate(schema, {
          filter: parseFilter(one.filter, { schema, lookup }),
          aggregate,
        })
        expect(groups, 'few entities').toBeDefined()
        const actual = toAggregateResults(aggregate, groups?.all ?? [])
        expect(differenceOf(aggregate, actual, expected), JSON.stringify(one)).toBeUndefined()
        groupsSeen += actual.results.length
      }
    }),
    { numRuns: runs, endOnFailure: process.env['SHRINK'] === undefined },
  )
  expect(groupsSeen).toBeGreaterThan(50)
})
