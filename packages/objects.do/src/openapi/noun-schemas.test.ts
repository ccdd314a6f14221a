import { Validator } from '@seriousme/openapi-schema-validator'
import { Noun } from 'digital-objects'
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
