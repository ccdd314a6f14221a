import { expect, test } from 'vitest'
import { fullAuthority, type NounAuthority } from './authority.ts'
import { compileAuthority } from './compile-authority.ts'
import { ObjectError } from '../base/object-error.ts'
import { matchNone } from '../filter/filter.ts'
import { parseFilter } from '../filter/parse-filter.ts'
import type { NounSchema } from '../noun/schema.ts'
import { nouns } from '../nouns/all-nouns.ts'

const me = 'user_0000000000aa'
const schemas: ReadonlyMap<string, NounSchema> = new Map(Object.values(nouns).map((noun) => [noun.$name, noun.$schema]))
const lookup = (name: string) => schemas.get(name)
const everything: NounAuthority = { read: 'all', write: 'all', hidden: [], verbs: 'all' }
const nothing: NounAuthority = { read: 'none', write: 'none', hidden: [], verbs: [] }

function compile(named: Readonly<Record<string, Partial<NounAuthority>>>, others: NounAuthority = nothing) {
  const granted = Object.entries(named).map(([name, given]) => [name, { ...everything, ...given }] as const)
  return compileAuthority({ who: me, nouns: Object.fromEntries(granted), others }, lookup)
}

test('the full authority changes nothing', () => {
  const { visibility, permission, faults } = compileAuthority(fullAuthority('anonymous'), lookup)
  expect(visibility.isFull).toBe(true)
  expect(visibility.lookup).toBe(lookup)
  expect(visibility.rows('Contact')).toBeUndefined()
  expect(permission.mayCall('Contact', 'delete')).toBe(true)
  expect(faults).toEqual([])
})

test('a rule is a filter in which $me stands for the caller, also inside lists', () => {
  const { visibility } = compile({
    Contact: { read: { $or: [{ assignee: '$me' }, { $createdBy: { $in: ['x', '$me'] } }] } },
  })
  const meant = { $or: [{ assignee: me }, { $createdBy: { $in: ['x', me] } }] }
  expect(visibility.rows('Contact')).toEqual(parseFilter(meant, { schema: nouns.Contact.$schema, lookup }))
})

test('a rule without conditions needs no filter, and one with an empty list does', () => {
  expect(compile({ Contact: { read: {} } }).visibility.rows('Contact')).toBeUndefined()
  for (const read of [{ $id: { $in: [] } }, { $and: [{ $not: { name: { $nin: [] } } }] }])
    expect(compile({ Contact: { read } }).visibility.rows('Contact'), JSON.stringify(read)).toBeDefined()
})

test('a Noun without rules of its own gets those of `others`', () => {
  const { visibility, permission } = compile({ Deal: { read: 'none' } }, { ...everything, hidden: ['metadata'] })
  expect(visibility.rows('Contact')).toBeUndefined()
  expect(visibility.hidesFields('Contact')).toBe(true)
  expect(visibility.lookup('Deal')).toBeUndefined()
  expect(permission.mayCall('Contact', 'qualify')).toBe(true)
})

test('a rule about an unknown field, value or operator makes its Noun unreadable', () => {
  for (const read of [{ nosuch: 1 }, { stage: 'NoSuchStage' }, { name: { $like: 'x' } }, { $text: 'x' }]) {
    const compiled = compile({ Contact: { read } })
    expect(compiled.visibility.rows('Contact'), JSON.stringify(read)).toEqual(matchNone)
    expect(compiled.visibility.lookup('Contact')).toBeUndefined()
    expect(compiled.permission.mayCall('Contact', 'update')).toBe(false)
    expect(compiled.faults).toMatchObject([{ field: 'nouns.Contact.read' }])
  }
})

test('an unknown name among the hidden fields makes its Noun unreadable', () => {
  const { visibility, faults } = compile({ Contact: { hidden: ['emial'] } })
  expect(visibility.lookup('Contact')).toBeUndefined()
  expect(faults).toEqual([{ field: 'nouns.Contact.hidden', message: "Contact has no field 'emial'" }])
})

test('an unknown Noun name revokes what `others` grants, since it may be a misspelling of any Noun', () => {
  const { visibility, faults } = compile({ Contcat: { read: 'none' }, Deal: {} }, everything)
  expect(visibility.lookup('Contact')).toBeUndefined()
  expect(visibility.rows('Contact')).toEqual(matchNone)
  expect(visibility.lookup('Deal')).toBeDefined()
  expect(faults).toEqual([{ field: 'nouns.Contcat', message: 'is not the name of a Noun' }])
})

test('a filter by a hidden field is refused with the message of an unknown field', () => {
  const { visibility } = compile({ Contact: { hidden: ['email'] } }, everything)
  const schema = schemaOf(visibility.lookup('Contact'))
  const refused = (name: string) => () => parseFilter({ [name]: 'x' }, { schema, lookup: visibility.lookup })
  expect(messageOf(refused('email'))).toBe(messageOf(refused('qqqqq')).replaceAll('qqqqq', 'email'))
})

test('a reverse relation is hidden together with its reference, and with its Noun', () => {
  const byReference = compile({ Contact: { hidden: ['organization'] } }, everything).visibility
  expect(schemaOf(byReference.lookup('Organization')).fields['contacts']).toBeUndefined()
  const byNoun = compile({ Contact: { read: 'none' } }, everything).visibility
  expect(schemaOf(byNoun.lookup('Organization')).fields['contacts']).toBeUndefined()
})

test('a reference to an unreadable Noun is a plain id', () => {
  const { visibility } = compile({ Organization: { read: 'none' } }, everything)
  const schema = schemaOf(visibility.lookup('Contact'))
  expect(schema.fields['organization']).toMatchObject({ kind: 'data', type: 'id' })
  expect(() => parseFilter({ 'organization.name': 'x' }, { schema, lookup: visibility.lookup })).toThrow(ObjectError)
})

test('no part of a visible schema mentions a hidden field', () => {
  for (const name of schemas.keys()) {
    const schema = schemaOf(lookup(name))
    for (const field of Object.keys(schema.fields)) {
      const visible = compile({ [name]: { hidden: [field] } }, everything).visibility.lookup(name)
      const { definition, ...others } = schemaOf(visible)
      expect(Object.keys(others.fields)).not.toContain(field)
      expect(others.searchable).not.toContain(field)
      expect(Object.keys(definition.fields)).not.toContain(field)
      for (const verb of Object.values(others.verbs)) expect(Object.keys(verb.effect.sets)).not.toContain(field)
    }
  }
})

test('entities are shown without their hidden fields', () => {
  const { visibility } = compile({ Contact: { hidden: ['email'] } })
  expect(visibility.shown('Contact', { name: 'Ada', email: 'ada@example.com' })).toEqual({ name: 'Ada' })
  expect(visibility.searchesAllFields('Contact')).toBe(false)
  expect(compile({ Contact: { hidden: ['stage'] } }).visibility.searchesAllFields('Contact')).toBe(true)
})

test('only granted verbs may be called', () => {
  const { permission } = compile({ Contact: { verbs: ['qualify'] } })
  expect(['qualify', 'update', 'delete'].map((verb) => permission.mayCall('Contact', verb))).toEqual([
    true,
    false,
    false,
  ])
})

function schemaOf(schema: NounSchema | undefined): NounSchema {
  if (schema === undefined) throw new Error('the Noun must be readable')
  return schema
}

function messageOf(refused: () => unknown): string {
  try {
    refused()
  } catch (error) {
    if (error instanceof ObjectError) return error.message
  }
  throw new Error('it was not refused')
}
