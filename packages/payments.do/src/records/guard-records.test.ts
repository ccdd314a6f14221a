// Records of a provider, and what others than the server may do to them.

import type { EntityFields, NounSchema } from 'digital-objects'
import { expect, test } from 'vitest'
import { guardRecords } from './guard-records.ts'
import { PaymentFinding } from './payment-finding.ts'

const [, , guard] = guardRecords({
  server: 'stripe',
  isConnected: () => true,
  requireConnection: () => {},
  ids: { Customer: 'stripeCustomerId' },
})
const found: EntityFields = {
  kind: 'Conflict',
  status: 'Open',
  object: 'customer',
  entity: 'customer_1',
  field: 'name',
}

function resolve(changed: EntityFields, schema: NounSchema = PaymentFinding.$schema): unknown {
  const fields = { ...found, status: 'Resolved', resolution: 'Ours', resolvedAt: '2026-11-30T00:00:00Z', ...changed }
  return guard?.run(fields, { schema, verb: 'resolve', previous: found, actor: 'user_1', read: () => undefined })
}

test('resolving a finding says nothing else of it: what is sent is about the entity that was found', () => {
  expect(resolve({})).toBeUndefined()
  for (const changed of [{ entity: 'customer_2' }, { field: 'email' }, { kind: 'Difference' }, { externalId: 'cus_2' }])
    expect(() => resolve(changed)).toThrow('only the server changes what was found')
})

test('a Noun of the same name that a tenant has had is its own', () => {
  const { service: _service, ...own } = PaymentFinding.$schema
  expect(resolve({ entity: 'customer_2' }, own)).toBeUndefined()
})
