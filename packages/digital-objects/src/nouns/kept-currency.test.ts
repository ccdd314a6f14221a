// Currencies of the built-in Nouns: whatever a change clears, an amount keeps a currency.

import { expect, test } from 'vitest'
import { nouns } from './all-nouns.ts'
import { defaultSettings } from '../settings/tenant-settings.ts'
import { decideChange } from '../verb/decide-change.ts'

const settings = { ...defaultSettings, currency: 'CHF' }
const records: Readonly<Record<string, { readonly currency: string }>> = { customer_000000000001: { currency: 'EUR' } }

test.each([
  ['Invoice', { status: 'Draft', customer: 'customer_000000000001' }, 'EUR'],
  ['Invoice', { status: 'Draft' }, 'CHF'],
  ['Subscription', { status: 'Active', amount: 5 }, 'CHF'],
] as const)('%s of %j whose currency is cleared gets %s, as a new one does', (noun, fields, currency) => {
  const { $schema: schema } = nouns[noun]
  const { update } = schema.verbs
  if (update === undefined) throw new Error('expected an update')
  const current = { ...fields, currency: 'JPY', name: 'x' }
  const read = (id: string) => records[id]
  const change = { schema, verb: update, current, nowMs: 0, read, settings }
  expect(decideChange({ ...change, input: { currency: null } })).toMatchObject({ currency })
  expect(decideChange({ ...change, input: { currency: 'USD' } })).toMatchObject({ currency: 'USD' })
})
