import { Validator } from '@seriousme/openapi-schema-validator'
import { describeSchema, makeCatalog, Noun, nouns, serviceNouns, validateUpdate } from 'digital-objects'
import { expect, test } from 'vitest'
import { describeTenant } from './describe-tenant.ts'

test('types, ranges, defaults and descriptions of fields are in the document', async () => {
  const { $schema } = Noun(
    'Robot',
    { name: 'string! personal', arms: 'integer(0..8)# = 2', price: 'money(0..)', currency: 'EUR | USD', story: 'text' },
    { descriptions: { arms: 'How many arms it has.' } },
  )
  const robots = describeTenant({ operations: [], nouns: [$schema], tenantUrl: 'http://localhost/~t' })
  expect((await new Validator().validate(withoutIds(robots))).errors ?? []).toEqual([])
  const { schemas } = robots['components'] as Components
  expect(schemas['Robot']).toMatchObject({
    type: 'object',
    required: expect.arrayContaining(['$type', '$id', '$version', 'name']) as unknown,
    properties: {
      $type: { const: 'Robot' },
      name: { type: 'string', 'x-personal': true },
      arms: { type: 'integer', minimum: 0, maximum: 8, description: 'How many arms it has.' },
    },
  })
  expect(schemas['RobotPartial']).toMatchObject({ required: ['$type', '$id'] })
  expect(schemas['RobotCreate']).toMatchObject({
    required: ['name'],
    additionalProperties: false,
    properties: {
      name: { type: 'string' },
      arms: { type: ['integer', 'null'], minimum: 0, maximum: 8, description: 'How many arms it has. 2 by default.' },
      price: { type: ['integer', 'null'], minimum: 0 },
      currency: { anyOf: [{ type: 'string', enum: ['EUR', 'USD'] }, { type: 'null' }] },
      story: { type: ['string', 'null'] },
    },
  })
  expect(schemas['RobotUpdate']).not.toHaveProperty('required')
  expect(JSON.stringify([schemas['RobotCreate'], schemas['RobotUpdate']])).not.toContain('"default"')
})

test('a relation is an id, the entity that stands in its place, or null for a deleted one', () => {
  const robot = Noun('Robot', { name: 'string!', maker: '-> Robot.made', helpers: '-> Robot.helps[]' })
  const document = describeTenant({ operations: [], nouns: [robot.$schema], tenantUrl: 'http://localhost/~t' })
  const id = { type: 'string', pattern: '^robot_[0-9A-Za-z]{12}$' }
  const entity = { $ref: '#/components/schemas/Robot' }
  const { schemas } = document['components'] as Components
  expect(schemas['Robot']).toMatchObject({ properties: { maker: { anyOf: [entity, id, { type: 'null' }] } } })
  expect(schemas['RobotUpdate']).toMatchObject({
    properties: { maker: { type: ['string', 'null'], pattern: id.pattern } },
  })
})

test('a meta-field is a pattern where a field has its name, because generators drop the $', () => {
  const { $schema } = Noun('Robot', { name: 'string!', type: 'Big | Small', version: 'string' })
  const document = describeTenant({ operations: [], nouns: [$schema], tenantUrl: 'http://localhost/~t' })
  const { schemas } = document['components'] as Components
  expect(schemas['Robot']).toMatchObject({
    required: ['$id', '$context', '$createdAt', '$createdBy', '$updatedAt', 'name'],
    patternProperties: { '^[$]type$': { const: 'Robot' }, '^[$]version$': { type: 'integer' } },
  })
})

test('patterns of inputs accept exactly what the validator accepts', () => {
  const { $schema } = Noun('Robot', {
    at: 'datetime',
    on: 'date',
    mail: 'email',
    site: 'url',
    made: 'id',
    name: 'string!',
  })
  const { schemas } = describeTenant({ operations: [], nouns: [$schema], tenantUrl: 'http://localhost/~t' })[
    'components'
  ] as Components
  const { properties } = schemas['RobotUpdate'] as { readonly properties: Record<string, { readonly pattern: string }> }
  const samples =
    '2026-01-15T10:00:00Z 2026-01-15t10:00:00.123+01:00 2026-01-15T24:00:00Z 2026-01-15T10:00Z 2026-01-15 '
      .concat(
        '2026-13-01 26-01-01 a@b a@b.example @b a@ a@b@c https://a.example http:// mailto:a x://y robot_1VbZ0kQ3x9Ta ',
      )
      .concat('robot_1 Robot_1VbZ0kQ3x9Ta https://a\0 a\0@b 1')
      .split(' ')
  for (const name of ['at', 'on', 'mail', 'site', 'made', 'name'])
    for (const sample of [...samples, '', ' '])
      expect(new RegExp(properties[name]?.pattern ?? '', 'u').test(sample), `${name} ${JSON.stringify(sample)}`).toBe(
        validateUpdate($schema, { [name]: sample }).ok,
      )
})

interface Components {
  readonly schemas: Readonly<Record<string, object>>
}

const known = Object.values({ ...nouns, ...serviceNouns }).map((noun) => noun.$schema)
const schemas = makeCatalog(known, []).nouns
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
      if (kind !== 'reverse' && !schema.disabled.includes('create'))
        expect(described.get(`${schema.name}Create.${name}`)).toMatchObject({
          description: expect.stringContaining(description ?? '.') as unknown,
        })
    }
})

test('no schema is composed by allOf, since generators merge its parts by rules of their own', () => {
  expect(JSON.stringify(components)).not.toContain('allOf')
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
    // A condition has no properties of its own.
    if (key === 'not') return []
    if (key !== 'properties' || typeof inner !== 'object' || inner === null)
      return propertiesIn(inner, ['anyOf', 'items'].includes(key) ? place : `${place}.${key}`)
    return Object.entries(inner).flatMap(([name, property]: [string, unknown]) => [
      { place: `${place}.${name}`, property },
      ...propertiesIn(property, `${place}.${name}`),
    ])
  })
}

/** Renames properties with the name `$id`, which the validator takes for the identifier of a schema. */
function withoutIds(document: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(document).replaceAll('"$id":{', '"id":{')) as Record<string, unknown>
}
