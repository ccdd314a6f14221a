import { expect, test } from 'vitest'
import { nouns } from '../nouns/all-nouns.ts'
import { makeCatalog, type CatalogEntry } from './catalog.ts'
import { referencesTo, takenAway } from './definition-change.ts'
import { mergeDefinitions, removeMembers } from './merge-definitions.ts'

const builtIn = Object.values(nouns).map((noun) => noun.$schema)
const vehicle: CatalogEntry = {
  name: 'Vehicle',
  definition: { fields: { name: 'string!', owner: '-> Organization.vehicles', drive: 'Driven' } },
}
const catalogOf = (...entries: readonly CatalogEntry[]) => makeCatalog(builtIn, entries)
const faultOf = (...entries: readonly CatalogEntry[]): string => catalogOf(...entries).faults[0]?.message ?? ''

test('a catalog without entries is the built-in Nouns themselves', () => {
  const catalog = catalogOf()
  expect(catalog.nouns).toEqual(builtIn)
  expect(catalog.lookup('Contact')).toBe(nouns.Contact.$schema)
  expect(catalog.lookup('Vehicle')).toBe(undefined)
})

test('an own Noun is found by its name, and its inverse appears at the other end', () => {
  const catalog = catalogOf(vehicle)
  expect(catalog.faults).toEqual([])
  expect([...catalog.own]).toEqual(['Vehicle'])
  expect(catalog.lookup('Vehicle')).toMatchObject({ name: 'Vehicle', idPrefix: 'vehicle' })
  expect(catalog.lookup('Vehicle')?.verbs['drive']?.event).toBe('Driven')
  expect(catalog.lookup('Organization')?.fields['vehicles']).toEqual({
    kind: 'reverse',
    name: 'vehicles',
    from: 'Vehicle',
    by: 'owner',
    many: true,
  })
  expect(nouns.Organization.$schema.fields['vehicles']).toBe(undefined)
  expect(referencesTo('Organization', catalog.nouns)).toContain('Vehicle.owner')
})

test('additions to a built-in Noun keep all that it has, and an enum has the values of the addition', () => {
  const stage = 'Lead | Qualified | Customer | Churned | Partner'
  const entry = {
    name: 'Contact',
    definition: { fields: { stage, churnReason: 'Price | Feature', recall: 'Recalled' }, about: 'A person.' },
  }
  const contact = catalogOf(entry).lookup('Contact')
  expect(Object.keys(contact?.fields ?? {})).toEqual([...Object.keys(nouns.Contact.$schema.fields), 'churnReason'])
  expect(contact?.fields['stage']).toMatchObject({ values: stage.split(' | ') })
  expect(Object.keys(contact?.verbs ?? {})).toEqual([...Object.keys(nouns.Contact.$schema.verbs), 'recall'])
  expect(contact?.version).not.toBe(nouns.Contact.$schema.version)
})

test('a tenant may replace the stages of deals if it says where each verb leads', () => {
  const fields = { stage: 'Lead | Demo | Signed | Lost' }
  const literal = (value: string) => ({ sets: { stage: { kind: 'literal', value } as const } })
  const effects = {
    advance: literal('Demo'),
    reopen: literal('Lead'),
    win: literal('Signed'),
    close: literal('Signed'),
  }
  const entry = { name: 'Deal', definition: { fields, effects } }
  expect(faultOf(entry)).toBe('')
  expect(catalogOf(entry).lookup('Deal')?.fields['stage']).toMatchObject({ values: fields.stage.split(' | ') })
})

test('schemas that did not change stay the same values, and those that did are new', () => {
  const first = catalogOf(vehicle)
  const again = makeCatalog(builtIn, [vehicle, { name: 'Robot', definition: { fields: { name: 'string' } } }], first)
  expect(again.lookup('Vehicle')).toBe(first.lookup('Vehicle'))
  expect(again.lookup('Organization')).toBe(first.lookup('Organization'))
  const without = makeCatalog(builtIn, [], again)
  expect(without.lookup('Organization')).toBe(nouns.Organization.$schema)
})

test.each<[string, CatalogEntry, string]>([
  ['is reserved', { name: 'Events', definition: { fields: { name: 'string' } } }, 'the name is reserved'],
  ['is kept by SQLite', { name: 'SqliteX', definition: { fields: { name: 'string' } } }, 'the name is reserved'],
  ['differs in case', { name: 'CONTACT', definition: { fields: { name: 'string' } } }, "there is a Noun 'Contact'"],
  ['is an input of OpenAPI', { name: 'DealUpdate', definition: { fields: { name: 'string' } } }, 'choose another name'],
  ['is no PascalCase', { name: 'car', definition: { fields: { name: 'string' } } }, 'PascalCase'],
  ['has one field twice', { name: 'Car', definition: { fields: { name: 'string', nAme: 'string' } } }, 'are one name'],
  ['leads nowhere', { name: 'Car', definition: { fields: { of: '-> Garage' } } }, "leads to 'Garage'"],
  ['takes a field', { name: 'Car', definition: { fields: { of: '-> Organization.name' } } }, 'has as another field'],
  [
    'takes a state from a verb',
    { name: 'Deal', definition: { fields: { stage: 'Lead | Won' } } },
    "advance sets stage to 'Prospecting'",
  ],
  [
    'takes the state that a verb is named after',
    { name: 'Contact', definition: { fields: { stage: 'Lead | Customer' } } },
    "expects 'Qualified' among its values, which qualify leads to",
  ],
  ['has no other end', { name: 'Car', definition: { fields: { of: '<- Deal.car[]' } } }, 'Deal.car is none'],
])('an entry that %s is a fault, and all other Nouns stay', (_, entry, message) => {
  expect(faultOf(vehicle, entry)).toContain(message)
  expect(catalogOf(vehicle, entry).lookup('Vehicle')?.name).toBe('Vehicle')
})

test('what a change takes away is named, and what it adds or merely narrows is not', () => {
  const schemaOf = (fields: Record<string, string>) =>
    catalogOf({ name: 'Car', definition: { fields } }).lookup('Car') ?? nouns.User.$schema
  const before = schemaOf({ a: 'string', b: 'string', c: 'X | Y', d: '-> User | Contact', e: 'string', f: 'string' })
  const after = schemaOf({ b: 'number', c: 'X | Z', d: '-> User', e: 'string?##', f: 'email!', g: 'string!' })
  expect(takenAway(before, after).map((item) => [item.kind, 'field' in item && item.field])).toMatchObject([
    ['field', { name: 'a' }],
    ['field', { name: 'b' }],
    ['values', { name: 'c' }],
    ['targets', { name: 'd' }],
    ['doubles', { name: 'e' }],
  ])
  expect(takenAway(before, before)).toEqual([])
})

test('definitions are merged part by part, and members leave with all that is said about them', () => {
  const base = {
    fields: { name: 'string!', mood: 'Calm | Busy', calm: 'Calm' },
    descriptions: { name: 'Its name.' },
    state: 'mood',
    transitions: [{ from: ['Busy'], verb: 'calm', to: 'Calm' }],
  }
  const added = { fields: { seats: 'integer' }, descriptions: { seats: 'Seats.' }, indexes: [{ path: 'extra.key' }] }
  expect(mergeDefinitions(base, added)).toEqual({
    ...base,
    fields: { ...base.fields, seats: 'integer' },
    descriptions: { name: 'Its name.', seats: 'Seats.' },
    indexes: [{ path: 'extra.key' }],
  })
  expect(removeMembers(mergeDefinitions(base, added), new Set(['seats', 'extra', 'mood']))).toEqual({
    fields: { name: 'string!', calm: 'Calm' },
    descriptions: { name: 'Its name.' },
  })
})
