import { expect, test } from 'vitest'
import { nouns } from '../nouns/all-nouns.ts'
import { makeCatalog, type CatalogEntry } from './catalog.ts'
import { referencesTo, listRemovals } from './definition-change.ts'
import { mergeDefinitions, removeMembers } from './merge-definitions.ts'

const builtIn = Object.values(nouns).map((noun) => noun.$schema)
const vehicle: CatalogEntry = {
  name: 'Vehicle',
  definition: { fields: { name: 'string!', owner: '-> Organization.vehicles', drive: 'Driven' } },
}
const catalogOf = (...entries: readonly CatalogEntry[]) => makeCatalog(builtIn, entries)
const faultOf = (...entries: readonly CatalogEntry[]): string => catalogOf(...entries).faults[0]?.message ?? ''

test('a catalog without entries contains the built-in schemas themselves', () => {
  const catalog = catalogOf()
  // References to any Noun get their targets, and inverses that only a service's references have are left out.
  const isLinked = ({ name }: { readonly name: string }): boolean =>
    !['Comment', 'Asset', 'Customer', 'Invoice', 'Payment', 'Price', 'Subscription'].includes(name)
  expect(catalog.nouns.filter(isLinked)).toEqual(builtIn.filter(isLinked))
  expect(catalog.lookup('Contact')).toBe(nouns.Contact.$schema)
  expect(catalog.lookup('Vehicle')).toBe(undefined)
})

test('a Noun of the tenant is found by name, and its inverse appears on the referenced Noun', () => {
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

test('a relation is one-to-one if its reference is unique or its inverse is single', () => {
  const owner = (text: string): CatalogEntry => ({ name: 'Desk', definition: { fields: { owner: text } } })
  const user = (text: string): CatalogEntry => ({ name: 'User', definition: { fields: { desk: text } } })
  const endsOf = (...entries: readonly CatalogEntry[]): unknown => {
    const { faults, lookup } = catalogOf(...entries)
    const [reference, reverse] = [lookup('Desk')?.fields['owner'], lookup('User')?.fields['desk']]
    expect(faults).toEqual([])
    return [reference?.kind === 'reference' && reference.unique, reverse?.kind === 'reverse' && reverse.many]
  }
  expect(endsOf(owner('-> User.desk'))).toEqual([false, true])
  expect(endsOf(owner('-> User.desk##'))).toEqual([true, false])
  expect(endsOf(owner('-> User.desk'), user('<- Desk.owner'))).toEqual([true, false])
  expect(endsOf(owner('-> User'), user('<- Desk.owner'))).toEqual([true, false])
  // Another list of the same entities does not change the relation.
  expect(endsOf(owner('-> User.desk'), user('<- Desk.owner[]'))).toEqual([false, true])
  expect(faultOf(owner('-> User.desk##'), user('<- Desk.owner[]'))).toBe(
    'Desk.owner is one-to-one, but User.desk is a list',
  )
})

test('a reference to any Noun has all of them as targets, and own ones gain its inverse', () => {
  const catalog = catalogOf(vehicle, { name: 'Robot', definition: { fields: { Comments: 'string' } } })
  expect(catalog.faults).toMatchObject([{ code: 'invalid_definition' }])
  const taken = catalogOf(vehicle, { name: 'Robot', definition: { fields: { comments: 'string' } } })
  expect(taken.faults).toEqual([])
  const names = taken.nouns.map(({ name }) => name)
  expect(taken.lookup('Comment')?.fields['about']).toMatchObject({
    any: true,
    to: names.filter((name) => name !== 'Issue' && name !== 'Robot'),
  })
  expect(taken.lookup('Asset')?.fields['attachedTo']).toMatchObject({ any: true, many: true, to: names })
  expect(taken.lookup('Vehicle')?.fields['comments']).toEqual({
    kind: 'reverse',
    name: 'comments',
    from: 'Comment',
    by: 'about',
    many: true,
  })
  expect(taken.lookup('Robot')?.fields['files']).toMatchObject({ from: 'Asset', by: 'attachedTo' })
  // An inverse that another reference names comes first, so that a definition of before stays in use.
  const named = catalogOf(vehicle, { name: 'Remark', definition: { fields: { on: '-> Vehicle.comments' } } })
  expect(named.faults).toEqual([])
  expect(named.lookup('Vehicle')?.fields['comments']).toMatchObject({ from: 'Remark' })
  const ofDeal = catalogOf({ name: 'Remark', definition: { fields: { on: '-> Deal.comments' } } })
  expect(ofDeal.faults).toEqual([])
  expect(ofDeal.lookup('Deal')?.fields['comments']).toMatchObject({ from: 'Remark' })
  const about = ofDeal.lookup('Comment')?.fields['about']
  expect(about?.kind === 'reference' && about.to.includes('Deal')).toBe(false)
  // Tenants without definitions share their schemas.
  expect(catalogOf().lookup('Comment')).toBe(makeCatalog(builtIn, [], taken).lookup('Comment'))
})

test('a built-in field that came later gives way to the inverse or field of an earlier definition, unless rules use it', () => {
  const remark = (on: string): CatalogEntry => ({ name: 'Remark', definition: { fields: { on } } })
  const catalog = catalogOf(remark('-> Contact.tags'))
  expect(catalog.faults).toEqual([])
  expect(catalog.lookup('Contact')?.fields['tags']).toMatchObject({ kind: 'reverse', from: 'Remark' })
  expect(catalog.lookup('Deal')?.fields['tags']).toMatchObject({ many: true })
  for (const kept of ['name', 'stage', 'qualify', 'qualifiedAt', 'organization'])
    expect(faultOf(remark(`-> Contact.${kept}`)), kept).toMatch(/is another field or verb/)
  expect(faultOf(remark('-> Invoice.amountDue'))).toMatch(/is another field or verb/)
  expect(faultOf(vehicle, remark('-> Vehicle.name'))).toMatch(/is another field or verb/)
  const added = (name: string): CatalogEntry => ({ name: 'Contact', definition: { fields: { [name]: 'string' } } })
  expect(catalogOf(added('tags')).lookup('Contact')?.fields['tags']).toMatchObject({ many: false })
})

test('additions to a built-in Noun keep its members, and replace the values of an enum', () => {
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

test('added values keep the rows of the others, and removed ones take theirs with them', () => {
  const stages = (stage: string) => ({ name: 'Deal', definition: { fields: { stage } } })
  const base = nouns.Deal.$schema.transitions
  const added = stages('Prospecting | Qualification | Trial | Proposal | Negotiation | Closed | Won | Lost')
  expect(catalogOf(added).lookup('Deal')?.transitions).toEqual(base)
  // The new default takes the place of the removed one.
  const replaced = stages('Lead | Proposal | Negotiation | Closed | Won | Lost')
  expect(faultOf(replaced)).toBe('')
  const schema = catalogOf(replaced).lookup('Deal')
  expect(schema?.transitions).toContainEqual({
    from: ['Closed', 'Won', 'Lost'],
    verb: 'reopen',
    to: 'Lead',
    irreversible: false,
  })
  expect(schema?.transitions.flatMap(({ from, to }) => [...from, to])).not.toContain('Prospecting')
  expect(schema?.transitions.filter(({ verb, from }) => verb === 'win' && from.includes('Lead'))).toHaveLength(1)
})

test('additions from before a built-in Noun had a table keep their own', () => {
  const transitions = [{ from: ['Active'], verb: 'update', to: 'Bounced' }]
  const entry = { name: 'Contact', definition: { fields: {}, state: 'status', transitions } }
  expect(faultOf(entry)).toBe('')
  const schema = catalogOf(entry).lookup('Contact')
  expect([schema?.state, schema?.transitions.length, schema?.states]).toEqual(['status', 1, {}])
})

test('unchanged schemas are the same objects in the next catalog, and changed ones are new', () => {
  const first = catalogOf(vehicle)
  const again = makeCatalog(builtIn, [vehicle, { name: 'Robot', definition: { fields: { name: 'string' } } }], first)
  expect(again.lookup('Vehicle')).toBe(first.lookup('Vehicle'))
  expect(again.lookup('Organization')).toBe(first.lookup('Organization'))
  const without = makeCatalog(builtIn, [], again)
  expect(without.lookup('Organization')).toBe(nouns.Organization.$schema)
})

test.each<[string, CatalogEntry, string]>([
  ['is reserved', { name: 'Events', definition: { fields: { name: 'string' } } }, 'the name is reserved'],
  ['is reserved by SQLite', { name: 'SqliteX', definition: { fields: { name: 'string' } } }, 'the name is reserved'],
  ['differs in case', { name: 'CONTACT', definition: { fields: { name: 'string' } } }, "'Contact' already exists"],
  ['is an input of OpenAPI', { name: 'DealUpdate', definition: { fields: { name: 'string' } } }, 'choose another name'],
  ['is not PascalCase', { name: 'car', definition: { fields: { name: 'string' } } }, 'PascalCase'],
  [
    'has one field twice',
    { name: 'Car', definition: { fields: { name: 'string', nAme: 'string' } } },
    'differ only in letter case',
  ],
  ['refers to an unknown Noun', { name: 'Car', definition: { fields: { of: '-> Garage' } } }, "unknown Noun 'Garage'"],
  [
    'names a field as inverse',
    { name: 'Car', definition: { fields: { of: '-> Organization.name' } } },
    'Organization.name is another field or verb',
  ],
  [
    'names a verb as inverse',
    { name: 'Car', definition: { fields: { of: '-> Deal.win' } } },
    'Deal.win is another field or verb',
  ],
  [
    'names an inverse that differs from a field in case',
    { name: 'Car', definition: { fields: { of: '-> Contact.dEals' } } },
    'Contact.deals is another field or verb',
  ],
  [
    'names a reserved inverse',
    { name: 'Car', definition: { fields: { of: '-> Deal.constructor' } } },
    "'constructor' cannot be the name of a field or verb",
  ],
  [
    'names one inverse twice',
    { name: 'Car', definition: { fields: { of: '-> Deal.cars', with: '-> Deal.cars' } } },
    'Car.with names the inverse Deal.cars, but Deal.cars is another field or verb',
  ],
  [
    'names one inverse twice on itself',
    { name: 'Car', definition: { fields: { tows: '-> Car.others[]', leads: '-> Car.others' } } },
    'Car.leads names the inverse Car.others',
  ],
  [
    'makes a field of a CRUD verb',
    { name: 'Car', definition: { fields: { create: 'string' } } },
    'create is a verb; it cannot be a field',
  ],
  [
    'takes a state from a verb',
    { name: 'Deal', definition: { fields: { stage: 'Lead | Won' } } },
    "expects 'Closed' among its values, which close leads to",
  ],
  [
    'takes the state that a verb is named after',
    { name: 'Contact', definition: { fields: { stage: 'Lead | Customer' } } },
    "expects 'Qualified' among its values, which qualify leads to",
  ],
  ['has no reference', { name: 'Car', definition: { fields: { of: '<- Deal.car[]' } } }, 'Deal.car is not one'],
])('an entry that %s is reported as a fault and left out, and all other Nouns remain', (_, entry, message) => {
  expect(faultOf(vehicle, entry)).toContain(message)
  expect(catalogOf(vehicle, entry).lookup('Vehicle')?.name).toBe('Vehicle')
})

test('a change lists what it removes, but not what it adds or merely restricts', () => {
  const schemaOf = (fields: Record<string, string>) =>
    catalogOf({ name: 'Car', definition: { fields } }).lookup('Car') ?? nouns.User.$schema
  const before = schemaOf({ a: 'string', b: 'string', c: 'X | Y', d: '-> User | Contact', e: 'string', f: 'string' })
  const after = schemaOf({ b: 'number', c: 'X | Z', d: '-> User', e: 'string?##', f: 'email!', g: 'string!' })
  expect(listRemovals(before, after).map((item) => [item.kind, 'field' in item && item.field])).toMatchObject([
    ['field', { name: 'a' }],
    ['field', { name: 'b' }],
    ['values', { name: 'c' }],
    ['targets', { name: 'd' }],
    ['duplicates', { name: 'e' }],
  ])
  expect(listRemovals(before, before)).toEqual([])
})

test('definitions are merged part by part, and removing a member removes all that refers to it', () => {
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
