import { Validator } from '@seriousme/openapi-schema-validator'
import { Noun, nouns } from 'digital-objects'
import { expect, test } from 'vitest'
import { nounsToOpenApi } from './openapi.ts'

const schemas = Object.values(nouns).map((noun) => noun.$schema)
const document = nounsToOpenApi({ nouns: schemas, tenantUrl: 'http://localhost:8787/~acme' }) as {
  paths: Record<string, Record<string, { operationId?: string }>>
}

test('the document of all 35 entities is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(document))
  expect(errors ?? []).toEqual([])
  expect(valid).toBe(true)
})

test('every custom verb of every entity has its path, and operation ids are distinct', () => {
  for (const schema of schemas) {
    for (const verb of Object.values(schema.verbs)) {
      if (verb.category === 'custom')
        expect(document.paths[`/${schema.name}/{id}/${verb.name}`]?.['post']).toBeDefined()
    }
  }
  const ids = Object.values(document.paths).flatMap((path) =>
    Object.values(path).flatMap(({ operationId }) => operationId ?? []),
  )
  expect(new Set(ids).size).toBe(ids.length)
})

test('a verb that the definition takes away has no operation', () => {
  expect(document.paths['/Event/{id}']?.['patch']).toBeUndefined()
  expect(document.paths['/Event/{id}']?.['delete']).toBeUndefined()
  expect(document.paths['/Contact/{id}']?.['patch']).toBeDefined()
})

test('a Noun that nobody built in describes itself', () => {
  const { $schema } = Noun('Robot', { name: 'string!', mood: 'Calm | Angry', calm: 'Calmed' })
  const { paths } = nounsToOpenApi({ nouns: [$schema], tenantUrl: 'http://localhost/~t' }) as typeof document
  expect(Object.keys(paths)).toContain('/Robot/{id}/calm')
})

test('types, ranges, defaults and descriptions of fields are in the document', async () => {
  const { $schema } = Noun(
    'Robot',
    { name: 'string! personal', arms: 'integer(0..8)# = 2', price: 'money(0..)', currency: 'EUR | USD', story: 'text' },
    { descriptions: { arms: 'How many arms it has.' } },
  )
  const robots = nounsToOpenApi({ nouns: [$schema], tenantUrl: 'http://localhost/~t' })
  expect((await new Validator().validate(structuredClone(robots))).errors ?? []).toEqual([])
  expect(robots).toMatchObject({
    components: {
      schemas: {
        RobotCreate: {
          required: ['name'],
          properties: {
            name: { type: 'string', 'x-personal': true },
            arms: {
              anyOf: [
                { type: 'integer', minimum: 0, maximum: 8, default: 2, description: 'How many arms it has.' },
                { type: 'null' },
              ],
            },
            price: { anyOf: [{ type: 'integer', minimum: 0 }, { type: 'null' }] },
            story: { anyOf: [{ type: 'string' }, { type: 'null' }] },
          },
        },
      },
    },
  })
})
