// The relations of the built-in Nouns: a reference and its inverse are the two ends of one relation.

import { expect, test } from 'vitest'
import { makeCatalog } from '../catalog/catalog.ts'
import { Noun } from '../noun/noun.ts'
import type { NounSchema, ReferenceField, ReverseField } from '../noun/schema.ts'
import { nouns } from './all-nouns.ts'

// The catalog gives references to any Noun their targets.
const schemas: readonly NounSchema[] = makeCatalog(
  Object.values(nouns).map((noun) => noun.$schema),
  [],
).nouns
const referencesOf = (schema: NounSchema): readonly ReferenceField[] =>
  Object.values(schema.fields).filter((field) => field.kind === 'reference')
const reversesOf = (schema: NounSchema): readonly ReverseField[] =>
  Object.values(schema.fields).filter((field) => field.kind === 'reverse')

function schemaOf(name: string): NounSchema {
  const schema = schemas.find((each) => each.name === name)
  if (schema === undefined) throw new Error(`no Noun ${name}`)
  return schema
}

test('every reference names an inverse, which each of its targets declares', () => {
  let ends = 0
  for (const schema of schemas) {
    for (const { name, to, inverse } of referencesOf(schema)) {
      const place = `${schema.name}.${name}`
      expect(inverse, place).toBeDefined()
      for (const target of to) {
        const declared = schemaOf(target).fields[inverse ?? '']
        expect(declared, `${place} from ${target}`).toMatchObject({ kind: 'reverse', from: schema.name, by: name })
        ends++
      }
    }
  }
  expect(ends).toBe(181)
})

test('every inverse names a reference that points to its Noun and names that inverse', () => {
  let ends = 0
  for (const schema of schemas) {
    for (const { name, from, by } of reversesOf(schema)) {
      expect(schemaOf(from).fields[by], `${schema.name}.${name}`).toMatchObject({
        kind: 'reference',
        inverse: name,
        to: expect.arrayContaining([schema.name]) as string[],
      })
      ends++
    }
  }
  expect(ends).toBe(181)
})

test('the only one-to-one relation is that of a Customer', () => {
  expect(
    schemas.flatMap((schema) =>
      reversesOf(schema)
        .filter((field) => !field.many)
        .map((field) => `${schema.name}.${field.name}`),
    ),
  ).toEqual(['Contact.customer'])
  // The reference itself holds the relation, so it must say the same as its inverse.
  const unique = schemas.flatMap((schema) =>
    referencesOf(schema)
      .filter((field) => field.unique)
      .map((field) => `${schema.name}.${field.name}`),
  )
  expect(unique).toEqual(['Customer.contact'])
})

test('a reference to several Nouns names its inverse once or for each Noun, always by the same name', () => {
  const inverseOf = (text: string): unknown => {
    const { $schema } = Noun('Robot', { owner: text })
    return $schema.fields['owner']
  }
  expect(inverseOf('-> User.robots | Contact.robots')).toMatchObject({ to: ['User', 'Contact'], inverse: 'robots' })
  expect(inverseOf('-> User | Contact.robots!')).toMatchObject({ to: ['User', 'Contact'], inverse: 'robots' })
  expect(inverseOf('-> User | Contact')).not.toHaveProperty('inverse')
  expect(() => inverseOf('-> User.robots | Contact.machines')).toThrow(
    "Robot.owner expects one name for its inverse on every Noun, such as '-> User.deals | Contact.deals'",
  )
})
