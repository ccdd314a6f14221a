import { Noun, nouns } from 'digital-objects'
import { expect, test } from 'vitest'
import { nounToSchemaOutput } from './schema-output.ts'

test('a Noun, its fields, relations and verbs are described', () => {
  for (const { $schema } of Object.values(nouns)) {
    const { about, fields, verbs } = nounToSchemaOutput($schema)
    expect(about).toMatch(/\.$/)
    for (const member of [...fields, ...verbs])
      expect(member, JSON.stringify(member)).toMatchObject({ description: expect.stringMatching(/\.$/) })
  }
})

test("the definition is returned as it was put, and a tenant's own descriptions win", () => {
  const { $schema } = Noun('Contact', { name: 'string!', phone: 'string?' }, { descriptions: { name: 'Legal name.' } })
  const { definition, fields } = nounToSchemaOutput($schema)
  expect(definition).toEqual({ fields: { name: 'string!', phone: 'string?' }, descriptions: { name: 'Legal name.' } })
  expect(fields).toMatchObject([
    { name: 'name', description: 'Legal name.' },
    { name: 'phone', description: expect.stringMatching(/^Main phone number/) },
  ])
})
