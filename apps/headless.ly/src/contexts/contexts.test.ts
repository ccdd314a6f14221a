// The data of contexts, and how contexts compose.

import { makeCatalog, nouns, parseFilter } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { composeContexts } from './compose-contexts.ts'
import { contexts, findContext } from './contexts.ts'
import { lensOf, withoutLens } from './lens-of.ts'
import { limitToSectors } from './limit-to-sectors.ts'
import { sectorFilter } from './sector-filter.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const anyContext = fc.constantFrom(...contexts)

test('there are 11 domains, 8 journeys, 52 systems and 20 sectors', () => {
  const count = (kind: string): number => contexts.filter((context) => context.kind === kind).length
  expect(['domain', 'journey', 'system', 'sector'].map(count)).toEqual([11, 8, 52, 20])
})

test.each(contexts)('$kind $name lists each of its entity types once, and labels only those', (context) => {
  const { name, about, entities = [], labels = {} } = context
  expect(name).toMatch(/^[a-z][a-z-]*$/)
  expect(about).toMatch(/\.$/)
  expect(new Set(entities).size).toBe(entities.length)
  for (const labelled of Object.keys(labels)) expect(entities).toContain(labelled)
  expect(new Set(Object.values(labels)).size).toBe(Object.keys(labels).length)
  expect(findContext(name.toUpperCase())?.entities).toEqual(context.entities)
})

test('sectors divide all codes: none has those of another', () => {
  const ranges = contexts
    .flatMap(({ sector }) => (sector === undefined ? [] : [sector.codes]))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
  for (const [at, [from, before]] of ranges.entries()) {
    expect(from < before).toBe(true)
    expect(before <= (ranges[at + 1]?.[0] ?? '99')).toBe(true)
  }
})

test(`contexts list the same in either order, and a context composes with itself (seed ${seed})`, () => {
  fc.assert(
    fc.property(anyContext, anyContext, (one, other) => {
      const [there, back] = [composeContexts([one, other]), composeContexts([other, one])]
      expect(new Set(there?.entities)).toEqual(new Set(back?.entities))
      expect(new Set(there?.sectors)).toEqual(new Set(back?.sectors))
      expect(composeContexts([one, one])).toEqual(composeContexts([one]))
      if (one.entities !== undefined || other.entities !== undefined) expect(there?.entities?.length).toBeGreaterThan(0)
    }),
    { seed, numRuns: 300 },
  )
})

test('the first label of the host and a segment of the path compose, in any letter case', () => {
  expect(lensOf({ host: 'crm.localhost:8787' }, 'healthcare')?.dimensions).toEqual(['crm', 'healthcare'])
  expect(lensOf({ host: 'Health.localhost' }, 'CRM')?.dimensions).toEqual(['healthcare', 'crm'])
  expect(lensOf({ host: 'localhost:8787' }, 'ehr')?.labels).toMatchObject({ Contact: 'Patient' })
  expect(lensOf({ host: 'localhost:8787' })).toBeUndefined()
  expect(lensOf({ host: 'nobody.localhost' }, 'nothing')).toBeUndefined()
  expect(withoutLens({ origin: 'http://crm.localhost:8787', host: 'crm.localhost:8787' })).toBe('http://localhost:8787')
  expect(withoutLens({ origin: 'http://acme.localhost', host: 'acme.localhost' })).toBe('http://acme.localhost')
})

test('the filter of a sector is one that every built-in entity type accepts', () => {
  const { lookup } = makeCatalog(
    Object.values(nouns).map(({ $schema }) => $schema),
    [],
  )
  const sectors = contexts.flatMap(({ sector }) => (sector === undefined ? [] : [sector]))
  let limited = 0
  for (const { $name, $schema } of Object.values(nouns)) {
    for (const chosen of [sectors.slice(0, 1), sectors.slice(3, 5)]) {
      const filter = sectorFilter($name, chosen)
      if (filter === undefined) continue
      limited++
      parseFilter(filter, { schema: $schema, lookup })
    }
  }
  expect(limited).toBeGreaterThan(20)
})

test('a sector is added to the filter of a list, and nothing else is changed', () => {
  const sectors = [findContext('healthcare')?.sector ?? expect.fail()]
  const list = { kind: 'read', read: 'find', noun: 'Deal', parameters: { filter: '{"value":1}', limit: '3' } } as const
  const { parameters } = limitToSectors(list, sectors)
  expect(parameters['limit']).toBe('3')
  expect(JSON.parse(parameters['filter'] ?? '')).toEqual({ $and: [sectorFilter('Deal', sectors), { value: 1 }] })
  for (const call of [
    { ...list, noun: 'Vehicle' },
    { ...list, noun: 'ApiKey' },
    { ...list, read: 'get' },
    { ...list, parameters: { filter: 'no JSON' } },
  ])
    expect(limitToSectors(call, sectors)).toBe(call)
  expect(limitToSectors(list, [])).toBe(list)
})
