// The table of which side decides each field, held to field by field: what changes at Stripe arrives here, what changes here is sent
// if the table says so, and nothing else is.

import { expect, test } from 'vitest'
import { type FieldRow, type ObjectRow, objectTable } from '../../payments.do/src/stripe/object-table.ts'
import { type Json, StripeTenant } from '../test/stripe-tenant.ts'

/** Two values of each field that both sides may change, as Stripe has them. */
const shared: Readonly<Record<string, readonly [first: unknown, second: unknown]>> = {
  'customer.name': ['Ada', 'Ada Lovelace'],
  'customer.email': ['ada@acme.test', 'lovelace@acme.test'],
  'customer.taxExempt': ['none', 'exempt'],
  'product.name': ['Engine', 'Difference engine'],
  'product.description': ['Computes', 'Computes tables'],
  'product.status': [true, false],
  'price.name': ['Pro', 'Team'],
  'price.active': [true, false],
  'coupon.name': ['Launch', 'Spring'],
  'tax_rate.displayName': ['VAT', 'MwSt'],
  'tax_rate.status': [true, false],
  'tax_rate.country': ['DE', 'AT'],
  'tax_rate.jurisdiction': ['Berlin', 'Wien'],
  'tax_rate.description': ['Standard', 'Reduced'],
  'tax_rate.taxType': ['vat', 'gst'],
}

const keyOf = ({ object }: ObjectRow, { field }: FieldRow): string => `${object}.${field}`
const pathOf = ({ from }: FieldRow): string => from[0] ?? ''

/** Objects that both sides share in part, each with the first value of each of its fields. */
function fill({ fake }: StripeTenant): ReadonlyMap<string, string> {
  const ids = new Map<string, string>()
  const first = (row: ObjectRow): Json =>
    Object.fromEntries(
      row.fields.flatMap((field) =>
        shared[keyOf(row, field)] === undefined ? [] : [[pathOf(field), shared[keyOf(row, field)]?.[0]]],
      ),
    )
  for (const row of objectTable) {
    const own: Json =
      row.object === 'price'
        ? {
            product: ids.get('product'),
            unit_amount: 900,
            currency: 'usd',
            recurring: { interval: 'month', interval_count: 1 },
          }
        : row.object === 'coupon'
          ? { percent_off: 20, duration: 'once' }
          : row.object === 'tax_rate'
            ? { percentage: 19, inclusive: false }
            : {}
    if (row.fields.some((field) => shared[keyOf(row, field)] !== undefined))
      ids.set(row.object, String(fake.put(row.object, { ...first(row), ...own })['id']))
  }
  return ids
}

test('the table of values names each field that both sides may change', () => {
  const both = objectTable.flatMap((row) =>
    row.fields.filter(({ side }) => side === 'Both').map((field) => keyOf(row, field)),
  )
  expect(Object.keys(shared).toSorted()).toEqual(both.toSorted())
  // Only what is sent can be changed by both.
  for (const { fields } of objectTable)
    for (const { side, to, field } of fields) if (side === 'Both') expect(to, field).toBeDefined()
})

test('each field that both sides may change goes from Stripe to here, and from here to Stripe, alone', async () => {
  const tenant = await StripeTenant.connected()
  const { fake } = tenant
  const ids = fill(tenant)
  await tenant.serve('POST /payments/sync')
  await tenant.settled()
  for (const row of objectTable)
    for (const field of row.fields.filter(({ side }) => side === 'Both')) {
      const [first, second] = shared[keyOf(row, field)] ?? []
      const stripeId = ids.get(row.object) ?? ''
      const entity = await tenant.one(row.noun, { [row.id]: stripeId })
      fake.put(row.object, { id: stripeId, [pathOf(field)]: second })
      await tenant.deliver(fake.all('event').at(-1))
      await tenant.settled()
      const changed = await tenant.one(row.noun, { [row.id]: stripeId })
      // A state has its times.
      const names = Object.keys(changed).filter(
        (name) => !/^\$|At$/.test(name) && JSON.stringify(changed[name]) !== JSON.stringify(entity[name]),
      )
      expect(names, keyOf(row, field)).toEqual([field.field])
      expect(fake.performed, keyOf(row, field)).toEqual([])
      // Back to what it was, from here.
      await tenant.write(row.noun, 'update', { [field.field]: entity[field.field] ?? null }, entity.$id)
      await tenant.settled()
      expect(fake.performed.splice(0), keyOf(row, field)).toMatchObject([
        { path: `POST ${row.path}/${stripeId}`, parameters: { [field.to ?? '']: String(first) } },
      ])
      expect(fake.get(stripeId)[pathOf(field)], keyOf(row, field)).toBe(first)
    }
  expect(await tenant.list('PaymentFinding')).toEqual([])
})

test('a change here of a field that Stripe decides is refused, or is what Stripe says again, and is never sent', async () => {
  const tenant = await StripeTenant.connected()
  const { fake } = tenant
  const ids = fill(tenant)
  const customer = ids.get('customer') ?? ''
  fake.put('customer', { id: customer, currency: 'usd' })
  fake.subscribe({ customer, price: ids.get('price') ?? '' })
  const payment = String(fake.all('payment_intent')[0]?.['id'])
  fake.refund(payment, 100, { reason: 'duplicate' })
  fake.put('dispute', { amount: 100, currency: 'usd', status: 'lost', payment_intent: payment, reason: 'fraudulent' })
  await tenant.serve('POST /payments/sync')
  await tenant.settled()
  let [refused, taken] = [0, 0]
  for (const row of objectTable) {
    const entity = (await tenant.list(row.noun))[0]
    for (const { field, as } of row.fields.filter(({ side }) => side === 'Stripe')) {
      if (entity === undefined) throw new Error(`there is no ${row.noun}`)
      const value = otherValue(as, entity[field])
      if (value === undefined) continue
      try {
        await tenant.write(row.noun, 'update', { [field]: value }, entity.$id)
        taken++
      } catch {
        refused++
      }
    }
  }
  await tenant.settled()
  expect(fake.performed).toEqual([])
  expect(refused).toBeGreaterThan(20)
  await tenant.serve('POST /payments/sync')
  await tenant.settled()
  for (const row of objectTable) {
    const [entity] = await tenant.list(row.noun)
    for (const { field, from, as, side } of row.fields) {
      const said = from
        .map((path) => valueAt(fake.all(row.object)[0] ?? {}, path))
        .find((value) => value !== undefined && value !== null)
      if (side === 'Stripe' && (as === 'text' || as === 'number'))
        expect(entity?.[field] ?? undefined, `${row.object}.${field}`).toEqual(said)
    }
  }
  expect(taken + refused).toBeGreaterThan(40)
})

function otherValue(as: FieldRow['as'], value: unknown): unknown {
  if (as === 'number') return Number(value ?? 0) + 1
  if (as === 'time') return '2026-01-01T00:00:00.000Z'
  if (as === 'currency') return value === 'EUR' ? 'USD' : 'EUR'
  if (as === 'boolean') return value !== true
  if (as === 'text') return 'https://other.test/x'
  return undefined
}

function valueAt(object: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (value as Json | undefined)?.[name], object)
}
