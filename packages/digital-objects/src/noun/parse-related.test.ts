// Effects on other entities and deletion rules in a definition: the form, the meaning within the Noun, and the other Nouns.

import { expect, test } from 'vitest'
import { makeCatalog } from '../catalog/catalog.ts'
import { mergeDefinitions, removeMembers } from '../catalog/merge-definitions.ts'
import { checkRelated } from '../catalog/check-related.ts'
import { nouns } from '../nouns/all-nouns.ts'
import { serviceNouns } from '../nouns/service-nouns.ts'
import { parseNoun } from './parse-noun.ts'

const builtIn = Object.values(nouns).map(({ $schema }) => $schema)
const fields = {
  name: 'string!',
  mood: 'Calm | Busy',
  driver: '-> Contact.vehicles',
  garage: '-> Organization!',
  tags: '-> Contact.taggedVehicles[]',
  lastTrip: '-> Deal',
  trips: '<- Deal.vehicle[]',
  drive: 'Driven',
}
const related = [
  { kind: 'touch', of: 'driver', sets: { lastEngagement: { kind: 'now' } } },
  {
    kind: 'update',
    of: 'garage',
    sets: { industry: { kind: 'field', name: 'name' } },
    when: { field: 'mood', equals: 'Busy' },
  },
  { kind: 'call', of: 'driver', verb: 'enrich', with: { title: { kind: 'literal', value: 'Driver' } } },
  {
    kind: 'create',
    noun: 'Deal',
    sets: { name: { kind: 'field', name: 'name' }, value: { kind: 'literal', value: 1 }, externalId: { kind: 'id' } },
    as: 'lastTrip',
  },
]
const definition = { fields: { ...fields, trips: 'string?' }, effects: { drive: { related } } }

function faultOf(changes: Readonly<Record<string, unknown>>): string {
  const stored = parseNoun('Vehicle', { ...definition, ...changes }).$schema.definition
  const { faults } = makeCatalog(builtIn, [{ name: 'Vehicle', definition: stored }])
  return faults.map(({ code, field, message }) => `${code} ${field ?? ''}: ${message}`).join('\n')
}

test('a definition with effects on other entities is accepted, and the schema keeps them', () => {
  expect(faultOf({})).toBe('')
  const { $schema } = parseNoun('Vehicle', JSON.parse(JSON.stringify(definition)))
  expect($schema.verbs['drive']?.effect.related).toEqual(related)
  expect(parseNoun('Vehicle', $schema.definition).$schema).toEqual($schema)
})

test('create, update and delete have effects on other entities only', () => {
  const [touch] = related
  for (const verb of ['create', 'update', 'delete']) {
    expect(faultOf({ effects: { [verb]: { related: [touch] } } })).toBe('')
    const sets = { name: { kind: 'now' } }
    expect(() => parseNoun('Vehicle', { fields, effects: { [verb]: { sets } } })).toThrow(
      "can only have 'related' effects",
    )
  }
  expect(() => parseNoun('Vehicle', { fields: { ...fields, delete: null }, effects: { delete: { related } } })).toThrow(
    "unknown verb 'delete'",
  )
})

test.each([
  [
    'an unknown kind',
    { kind: 'send', of: 'driver' },
    'related[0] expects an object whose kind is one of create, find, update, call, touch, merge',
  ],
  ['a missing part', { kind: 'touch', of: 'driver' }, 'sets, which is missing'],
  ['an unknown part', { kind: 'merge', from: 'from', to: 'x' }, "not 'to'"],
  [
    'a relation that does not exist',
    { kind: 'update', of: 'owner', sets: {} },
    "expects a relation of Vehicle, got 'owner'",
  ],
  [
    'a field in place of a relation',
    { kind: 'update', of: 'name', sets: {} },
    "expects a relation of Vehicle, got 'name'",
  ],
  [
    'a condition on no field',
    { kind: 'update', of: 'driver', sets: {}, when: { field: 'x', equals: 1 } },
    "tests the unknown stored field 'x'",
  ],
  [
    'a condition on no argument',
    { kind: 'update', of: 'driver', sets: {}, when: [{ argument: 'x', has: true }] },
    "tests the unknown argument 'x'",
  ],
  [
    'a condition without a test',
    { kind: 'update', of: 'driver', sets: {}, when: { field: 'name' } },
    'expects a condition with one of equals, not, in, has',
  ],
  [
    'a condition with two tests',
    { kind: 'update', of: 'driver', sets: {}, when: { field: 'name', has: true, not: 'x' } },
    "not 'has'",
  ],
  [
    'a name that no effect gives',
    { kind: 'update', of: '$one', sets: {} },
    "expects a relation of Vehicle, got '$one'",
  ],
  ['a touch of its own', { kind: 'touch', of: '$self', sets: {} }, "expects a relation of Vehicle, got '$self'"],
  [
    'a path that is none',
    { kind: 'update', of: 'driver', sets: { title: { kind: 'path', path: 'a..b' } } },
    'expects a path such as contact.organization',
  ],
  ['a merge by a stored argument', { kind: 'merge', from: 'from' }, "expects 'from' among the argumentsOnly of drive"],
  [
    'a link to another Noun',
    { kind: 'create', noun: 'Deal', sets: {}, as: 'driver' },
    "expects a reference to Deal in 'as', or a name such as $made, got 'driver'",
  ],
])('%s is refused by the form of the definition', (_, effect, message) => {
  expect(() => parseNoun('Vehicle', { ...definition, effects: { drive: { related: [effect] } } })).toThrow(message)
})

test.each([
  ['finding an unknown Noun', { kind: 'find', noun: 'Planet', by: {}, as: '$it' }, "names the unknown Noun 'Planet'"],
  [
    'finding by no index',
    { kind: 'find', noun: 'Contact', by: { name: { kind: 'id' } }, as: '$it' },
    'must find Contact by its $id or by an indexed field',
  ],
  [
    'finding by an unknown field',
    { kind: 'create', noun: 'Deal', sets: {}, find: { x: { kind: 'id' } } },
    'finds by the unknown stored field Deal.x',
  ],
  [
    'creating by another verb',
    { kind: 'create', noun: 'Contact', verb: 'qualify', sets: { name: { kind: 'id' } } },
    "creates by 'qualify', which Contact does not",
  ],
  ['an unknown Noun', { kind: 'create', noun: 'Planet', sets: {} }, "names the unknown Noun 'Planet'"],
  [
    'an unknown field',
    { kind: 'update', of: 'driver', sets: { color: { kind: 'now' } } },
    'sets the unknown stored field Contact.color',
  ],
  [
    'a computed field',
    { kind: 'update', of: 'driver', sets: { deals: { kind: 'clear' } } },
    'sets the unknown stored field Contact.deals',
  ],
  [
    'a wrong constant',
    { kind: 'update', of: 'driver', sets: { stage: { kind: 'literal', value: 'Lost' } } },
    'sets Contact.stage, which expects one of',
  ],
  [
    'clearing a required field',
    { kind: 'update', of: 'driver', sets: { name: { kind: 'clear' } } },
    'clears Contact.name, which is required',
  ],
  [
    'an unknown verb',
    { kind: 'call', of: 'driver', verb: 'marry' },
    "calls 'marry', which is neither a custom verb of Contact nor delete",
  ],
  ['a CRUD verb', { kind: 'call', of: 'driver', verb: 'update' }, "calls 'update'"],
  [
    'an unknown argument',
    { kind: 'call', of: 'driver', verb: 'qualify', with: { x: { kind: 'now' } } },
    "passes the unknown argument 'x' to Contact.qualify",
  ],
  [
    'touching a string',
    { kind: 'touch', of: 'driver', sets: { name: { kind: 'now' } } },
    'touches Contact.name, which is not a datetime or date',
  ],
  [
    'a creation without a required field',
    { kind: 'create', noun: 'Deal', sets: { name: { kind: 'now' } } },
    'must set Deal.value, which is required',
  ],
])('%s is refused by the catalog, which names the place', (_, effect, message) => {
  const fault = faultOf({ effects: { drive: { related: [related[0], effect] } } })
  expect(fault).toContain('invalid_definition effects.drive.related[1]: Vehicle: effects.drive.related[1]')
  expect(fault).toContain(message)
})

test('the kind id is only for related effects', () => {
  expect(() => parseNoun('Vehicle', { fields, effects: { drive: { sets: { name: { kind: 'id' } } } } })).toThrow(
    "the kind 'id' is for effects on related entities",
  )
})

test('a reference has the rule of the definition, or the default for its kind', () => {
  const rule = { restrictWhile: { field: 'mood', values: ['Busy'] }, otherwise: 'cascade' } as const
  const onDelete = { driver: rule }
  const { $schema } = parseNoun('Vehicle', { fields, onDelete })
  const ruleOf = (name: string, schema = $schema): unknown => {
    const field = schema.fields[name]
    return field?.kind === 'reference' ? field.onDelete : undefined
  }
  expect(['driver', 'garage', 'tags', 'lastTrip'].map((name) => ruleOf(name))).toEqual([
    rule,
    'restrict',
    'clear',
    'clear',
  ])
  const fixed = parseNoun('Trace', { fields: { ...fields, update: null } }).$schema
  expect(['driver', 'garage', 'tags'].map((name) => ruleOf(name, fixed))).toEqual(['keep', 'keep', 'keep'])
  expect(parseNoun('Vehicle', $schema.definition).$schema).toEqual($schema)
  expect(parseNoun('Vehicle', { fields }).$schema.version).not.toBe($schema.version)
  const merged = mergeDefinitions($schema.definition, { fields: {}, onDelete: { lastTrip: 'keep' } })
  expect(merged.onDelete).toEqual({ ...onDelete, lastTrip: 'keep' })
  expect(removeMembers(merged, new Set(['driver'])).onDelete).toEqual({ lastTrip: 'keep' })
})

test.each([
  [{ name: 'clear' }, "'name' is not a reference"],
  [{ garage: 'clear' }, 'cannot clear garage, which is required'],
  [{ driver: 'destroy' }, 'onDelete.driver expects one of restrict, cascade, clear, keep'],
  [{ driver: { restrictWhile: { field: 'mood', values: ['Busy'] } } }, 'onDelete.driver expects one of'],
  [
    { driver: { restrictWhile: { field: 'mood', values: ['Sad'] }, otherwise: 'keep' } },
    "expects values of mood (Calm, Busy), got 'Sad'",
  ],
  [
    { driver: { restrictWhile: { field: 'name', values: ['x'] }, otherwise: 'keep' } },
    "expects an enum field, got 'name'",
  ],
])('the deletion rule %j is refused', (onDelete, message) => {
  expect(() => parseNoun('Vehicle', { fields, onDelete })).toThrow(message)
})

test('a rule that the Noun has no verb for is refused', () => {
  expect(faultOf({ fields: { ...definition.fields, delete: null }, onDelete: { driver: 'cascade' } })).toContain(
    'Vehicle: onDelete.driver is cascade, and Vehicle has no delete',
  )
})

test('the effects and rules of the 35 Nouns fit each other, with the Nouns of services and without', () => {
  const brought = Object.values(serviceNouns).map(({ $schema }) => $schema)
  for (const all of [builtIn, [...builtIn, ...brought]]) {
    const note = { name: 'Note', definition: { fields: { text: 'string' } } }
    const { nouns: linked, lookup } = makeCatalog(all, [note])
    expect(linked).toHaveLength(all.length + 1)
    for (const schema of linked) expect(() => checkRelated(schema, lookup)).not.toThrow()
  }
})
