import { Validator } from '@seriousme/openapi-schema-validator'
import { describeSchema, Noun, nouns } from 'digital-objects'
import { expect, test } from 'vitest'
import { describeTenant } from './describe-tenant.ts'

test('types, ranges, defaults and descriptions of fields are in the document', async () => {
  const { $schema } = Noun(
    'Robot',
    { name: 'string! personal', arms: 'integer(0..8)# = 2', price: 'money(0..)', currency: 'EUR | USD', story: 'text' },
    { descriptions: { arms: 'How many arms it has.' } },
  )
  const robots = describeTenant({ operations: [], nouns: [$schema], tenantUrl: 'http://localhost/~t' })
  expect((await new Validator().validate(structuredClone(robots))).errors ?? []).toEqual([])
  expect(robots).toMatchObject({
    components: {
      schemas: {
        RobotCreate: { required: ['name'], allOf: [{ $ref: '#/components/schemas/RobotUpdate' }] },
        RobotUpdate: {
          properties: {
            name: { type: 'string', 'x-personal': true },
            arms: {
              anyOf: [{ type: 'integer', minimum: 0, maximum: 8, default: 2 }, { type: 'null' }],
              description: 'How many arms it has.',
            },
            price: { anyOf: [{ type: 'integer', minimum: 0 }, { type: 'null' }] },
            story: { anyOf: [{ type: 'string' }, { type: 'null' }] },
          },
        },
      },
    },
  })
})

const schemas = Object.values(nouns).map(({ $schema }) => $schema)
const { components, tags } = describeTenant({ operations: [], nouns: schemas, tenantUrl: 'http://localhost/~t' }) as {
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
  readonly tags: readonly object[]
}

test('every property of every schema has a description, and a field has that of its Noun', () => {
  const properties = Object.entries(components.schemas).flatMap(([name, schema]) => propertiesIn(schema, name))
  expect(properties.length).toBeGreaterThan(1_000)
  for (const { place, property } of properties)
    expect(property, place).toMatchObject({ description: expect.stringMatching(/^[A-Z].*[^\s]$/) })
  const described = new Map(properties.map(({ place, property }) => [place, property]))
  for (const schema of schemas.map(describeSchema))
    for (const { name, kind, description } of Object.values(schema.fields)) {
      expect(described.get(`${schema.name}.${name}`)).toMatchObject({ description })
      if (kind !== 'reverse') expect(described.get(`${schema.name}Update.${name}`)).toMatchObject({ description })
    }
})

test('every entity has its description, as a schema and as a tag', () => {
  for (const { name, about } of schemas.map(describeSchema)) {
    expect(components.schemas[name]).toMatchObject({ description: about })
    expect(tags).toContainEqual({ name, description: about })
  }
})

test('a relation without a description is described by its other end', () => {
  const robot = Noun('Robot', { name: 'string!', maker: '-> Robot.made', made: '<- Robot.maker[]' })
  const document = describeTenant({ operations: [], nouns: [robot.$schema], tenantUrl: 'http://localhost/~t' })
  const made = propertiesIn(document, '').find(({ place }) => place.endsWith('Robot.made'))
  expect(made?.property).toMatchObject({ description: 'Entities of type Robot that refer to this one by maker.' })
})

test('a relation is a property of the entity only if the document describes its other end', () => {
  const alone = describeTenant({ operations: [], nouns: [nouns.Contact.$schema], tenantUrl: 'http://localhost/~t' })
  const [own = {}] = propertiesIn(alone, '').filter(({ place }) => place.endsWith('Contact.reports'))
  expect(own).toMatchObject({ property: { type: 'array', items: { $ref: '#/components/schemas/Contact' } } })
  expect(propertiesIn(alone, '').filter(({ place }) => place.endsWith('Contact.deals'))).toEqual([])
})

/** Returns the properties of all object schemas in the value, with their paths. */
function propertiesIn(value: unknown, place: string): { readonly place: string; readonly property: unknown }[] {
  if (Array.isArray(value)) return value.flatMap((item) => propertiesIn(item, place))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    if (key !== 'properties' || typeof inner !== 'object' || inner === null)
      return propertiesIn(inner, ['allOf', 'anyOf', 'items'].includes(key) ? place : `${place}.${key}`)
    return Object.entries(inner).flatMap(([name, property]: [string, unknown]) => [
      { place: `${place}.${name}`, property },
      ...propertiesIn(property, `${place}.${name}`),
    ])
  })
}
