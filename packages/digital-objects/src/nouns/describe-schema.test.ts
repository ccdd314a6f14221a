import { expect, test } from 'vitest'
import { Noun } from '../noun/noun.ts'
import type { Field, NounSchema, Verb } from '../noun/schema.ts'
import { nouns } from './all-nouns.ts'
import { nounTexts } from './all-texts.ts'
import { describeSchema } from './describe-schema.ts'

test('every built-in Noun, field and verb is described, and nothing else of the schema changes', () => {
  for (const noun of Object.values(nouns)) {
    const described = describeSchema(noun.$schema)
    expect(described.about).toBe(nounTexts[noun.$name]?.about)
    for (const member of [...Object.values(described.fields), ...Object.values(described.verbs)])
      expect(member.description, `${noun.$name}.${member.name}`).toMatch(/\.$/)
    expect(withoutDescriptions(described)).toEqual(noun.$schema)
  }
})

test("the schema's own descriptions win", () => {
  const texts = { about: 'A client.', descriptions: { name: 'Legal name.', update: 'Corrects it.' } }
  const { $schema } = Noun('Contact', { name: 'string!', email: 'email?' }, texts)
  const { about, fields, verbs } = describeSchema($schema)
  expect(about).toBe('A client.')
  expect(fields['name']?.description).toBe('Legal name.')
  expect(fields['email']?.description).toBe(nounTexts['Contact']?.descriptions['email'])
  expect(verbs['update']?.description).toBe('Corrects it.')
})

test('a Noun that is not built in gets descriptions for create, update and delete', () => {
  const { $schema } = Noun('Robot', { constructedAt: 'datetime?', calm: 'Calmed', delete: null })
  const { about, fields, verbs } = describeSchema($schema)
  expect(about).toBeUndefined()
  expect(fields['constructedAt']?.description).toBeUndefined()
  expect(Object.entries(verbs).map(([name, verb]) => [name, verb.description])).toEqual([
    ['create', 'Creates the entity from the fields you send.'],
    ['update', 'Changes the fields you send; null clears a field.'],
    ['calm', undefined],
  ])
})

function withoutDescriptions({ about: _about, fields, verbs, ...schema }: NounSchema): NounSchema {
  return { ...schema, fields: undescribed<Field>(fields), verbs: undescribed<Verb>(verbs) }
}

function undescribed<Member extends { readonly description?: string }>(
  members: Readonly<Record<string, Member>>,
): Record<string, Member> {
  const entries = Object.entries(members).map(([name, member]): [string, Member] => {
    const copy = { ...member }
    Reflect.deleteProperty(copy, 'description')
    return [name, copy]
  })
  return Object.fromEntries(entries)
}
