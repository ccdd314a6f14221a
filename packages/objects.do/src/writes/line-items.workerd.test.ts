// Line items as records: an invoice adds them up, with discounts by coupons and taxes by rates, and keeps them as they are once
// it is finalized.

import { env } from 'cloudflare:test'
import fc from 'fast-check'
import type { Entity } from 'digital-objects'
import { beforeEach, expect, test } from 'vitest'
import { EntitiesOf } from '../../test/entities-of.ts'
import { caller } from '../../test/generated-tenant.ts'

let tenant: EntitiesOf
beforeEach(() => {
  tenant = new EntitiesOf(env.PAYMENTS.get(env.PAYMENTS.newUniqueId()), caller)
})

const sumOf = (entities: readonly Entity[], field: string): number =>
  entities.reduce((sum, entity) => sum + Number(entity[field] ?? 0), 0)

test("a draft adds up its lines: quantity by price, less the coupon's discount, plus tax by the rate", async () => {
  const invoice = (await tenant.write('Invoice.create', { currency: 'USD' })).$id
  const price = (await tenant.write('Price.create', { amount: 999, currency: 'USD' })).$id
  const coupon = (await tenant.write('Coupon.create', { name: 'Launch', percentOff: 12.5 })).$id
  const taxRate = (await tenant.write('TaxRate.create', { displayName: 'VAT', percentage: 19 })).$id
  const line = await tenant.write('LineItem.create', { invoice, price, quantity: 3, coupon, taxRate })
  // 2,997 less 374.625, and 19 % of what is left.
  expect(line).toMatchObject({ amount: 2_997, discountAmount: 375, netAmount: 2_622, taxAmount: 498, currency: 'USD' })
  const second = await tenant.write('LineItem.create', { invoice, description: 'Setup', unitAmount: 5_000 })
  expect(await tenant.get('Invoice', invoice)).toMatchObject({
    subtotal: 7_997,
    discount: 375,
    tax: 498,
    total: 8_120,
    amountDue: 8_120,
    lineItems: [{ lineItem: line.$id }, { lineItem: second.$id, description: 'Setup', amount: 5_000 }].toSorted(
      (a, b) => (a.lineItem < b.lineItem ? -1 : 1),
    ),
  })
  await tenant.write('LineItem.update', { quantity: 1 }, { id: line.$id })
  expect(await tenant.codeOf('LineItem.delete', {}, { id: second.$id })).toBe('ok')
  expect(await tenant.get('Invoice', invoice)).toMatchObject({ subtotal: 999, discount: 125, tax: 166, total: 1_040 })
  expect(await tenant.get('Coupon', coupon)).toMatchObject({ timesRedeemed: 1 })
  expect(await tenant.codeOf('Coupon.delete', {}, { id: coupon })).toBe('conflict')
  // A sum that is sent has to be right.
  expect(await tenant.codeOf('Invoice.update', { tax: 1 }, { id: invoice })).toBe('validation_error')
  expect(await tenant.codeOf('LineItem.update', { taxAmount: 1 }, { id: line.$id })).toBe('validation_error')
})

test('a tax that is in the price is shown and not added, whatever the amounts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        percentage: fc.integer({ min: 0, max: 1_000 }).map((tenths) => tenths / 10),
        unitAmount: fc.integer({ min: -5_000, max: 1_000_000 }),
        quantity: fc.integer({ min: 0, max: 40 }),
        percentOff: fc.integer({ min: 1, max: 100 }),
      }),
      async ({ percentage, unitAmount, quantity, percentOff }) => {
        const invoice = (await tenant.write('Invoice.create', { currency: 'USD' })).$id
        const [added, inclusive] = await Promise.all(
          [false, true].map((inclusive) =>
            tenant.write('TaxRate.create', { displayName: 'VAT', percentage, inclusive }),
          ),
        )
        const coupon = unitAmount < 0 ? undefined : (await tenant.write('Coupon.create', { name: 'x', percentOff })).$id
        const base = {
          invoice,
          unitAmount: Math.abs(unitAmount),
          quantity,
          ...(coupon === undefined ? {} : { coupon }),
        }
        const within = await tenant.write('LineItem.create', { ...base, taxRate: inclusive?.$id })
        const beside = await tenant.write('LineItem.create', { ...base, taxRate: added?.$id })
        const net = Number(within['netAmount'])
        const expected = Math.round(Number(((net * percentage) / (100 + percentage)).toPrecision(15)))
        expect(within).toMatchObject({ includedTaxAmount: expected, taxAmount: 0, includedTaxPercent: percentage })
        expect(within).not.toHaveProperty('taxPercent')
        expect(beside).not.toHaveProperty('includedTaxPercent')
        const bill = await tenant.write('Invoice.finalize', {}, { id: invoice })
        expect(bill).toMatchObject({
          includedTax: expected,
          tax: beside['taxAmount'],
          total: 2 * net + Number(beside['taxAmount']),
        })
      },
    ),
    { numRuns: Number(process.env['RUNS'] ?? 3) },
  )
  const rate = (await tenant.list('TaxRate')).find(({ inclusive }) => inclusive === true)?.$id ?? ''
  expect(await tenant.codeOf('TaxRate.update', { inclusive: false }, { id: rate })).toBe('conflict')
})

test('the lines of a finalized invoice are made of its list, and neither change nor go', async () => {
  const lineItems = [{ description: 'Work', quantity: 2, unitAmount: 300, amount: 600 }]
  const draft = (await tenant.write('Invoice.create', { lineItems })).$id
  const added = await tenant.write('LineItem.create', { invoice: draft, unitAmount: 50 })
  await tenant.write('Invoice.finalize', {}, { id: draft })
  expect(await tenant.get('Invoice', draft, { include: 'lines' })).toMatchObject({ subtotal: 650, total: 650 })
  expect(sumOf(await tenant.list('LineItem'), 'amount')).toBe(650)
  const once = (await tenant.write('Invoice.finalize', { lineItems, tax: 114 })).$id
  expect((await tenant.list('LineItem')).filter(({ invoice }) => invoice === once)).toMatchObject([
    { description: 'Work', quantity: 2, unitAmount: 300, amount: 600 },
  ])
  for (const [verb, body, id] of [
    ['update', { quantity: 7 }, added.$id],
    ['update', { description: 'Other' }, added.$id],
    ['delete', {}, added.$id],
    ['create', { invoice: draft, unitAmount: 1 }, undefined],
    ['create', { invoice: draft, unitAmount: 0 }, undefined],
  ] as const)
    expect(await tenant.codeOf(`LineItem.${verb}`, body, id === undefined ? {} : { id })).toBe('conflict')
  expect(await tenant.codeOf('LineItem.update', { metadata: { note: 'x' } }, { id: added.$id })).toBe(
    'invalid_transition',
  )
})

test('a coupon ends by its limit, its time, or its archiving, and a discount is at most the amount', async () => {
  const invoice = (await tenant.write('Invoice.create', {})).$id
  const line = (coupon: Entity, unitAmount = 1_000): Promise<string> =>
    tenant.codeOf('LineItem.create', { invoice, unitAmount, coupon: coupon.$id })
  const once = await tenant.write('Coupon.create', { name: 'Once', amountOff: 500, maxRedemptions: 1 })
  expect([await line(once), await line(once)]).toEqual(['ok', 'validation_error'])
  const late = await tenant.write('Coupon.create', { name: 'Late', percentOff: 5, redeemBy: '2026-01-01T00:00:00Z' })
  expect(await line(late)).toBe('validation_error')
  const large = await tenant.write('Coupon.create', { name: 'Large', amountOff: 5_000 })
  expect([await line(large), await line(large, 5_000)]).toEqual(['validation_error', 'ok'])
  await tenant.write('Coupon.archive', {}, { id: large.$id })
  expect(await line(large, 5_000)).toBe('invalid_transition')
  const euros = await tenant.write('Coupon.create', { name: 'Euros', amountOff: 5, currency: 'EUR' })
  expect(await line(euros)).toBe('validation_error')
  expect(await tenant.codeOf('Coupon.create', { name: 'Both', amountOff: 5, percentOff: 5 })).toBe('validation_error')
  expect(await tenant.codeOf('Coupon.update', { percentOff: 50 }, { id: late.$id })).toBe('conflict')
  expect(sumOf(await tenant.list('Coupon'), 'timesRedeemed')).toBe(2)
})

const act = fc.record({
  verb: fc.constantFrom('create', 'create', 'update', 'delete', 'restore', 'rollback', 'finalize', 'list'),
  on: fc.nat(5),
  quantity: fc.constantFrom(1, 2.5, 3),
  unitAmount: fc.constantFrom(0, 333, 1_000),
  isTaxed: fc.boolean(),
  isDiscounted: fc.boolean(),
})

test('generated lines of drafts, finalized at any time, add up to the invoice', async () => {
  let finalized = 0
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 14 }), async (acts) => {
      tenant = new EntitiesOf(env.PAYMENTS.get(env.PAYMENTS.newUniqueId()), caller)
      const coupon = (await tenant.write('Coupon.create', { name: 'c', percentOff: 7.5 })).$id
      const taxRate = (await tenant.write('TaxRate.create', { displayName: 't', percentage: 7.15 })).$id
      const invoice = (await tenant.write('Invoice.create', {})).$id
      for (const { verb, on, quantity, unitAmount, isTaxed, isDiscounted } of acts) {
        const lines = await tenant.list('LineItem')
        const id = lines[on % Math.max(lines.length, 1)]?.$id ?? 'lineitem_000000000000'
        if (verb === 'finalize') await tenant.send('Invoice.finalize', {}, { id: invoice })
        else if (verb === 'list')
          await tenant.send('Invoice.update', { lineItems: [{ amount: unitAmount }] }, { id: invoice })
        else if (verb === 'create')
          await tenant.send('LineItem.create', {
            invoice,
            quantity,
            unitAmount,
            ...(isTaxed ? { taxRate } : {}),
            ...(isDiscounted ? { coupon } : {}),
          })
        else if (verb === 'restore' || verb === 'rollback')
          await tenant.send('LineItem.rollback', { version: 1 }, { id })
        else await tenant.send(`LineItem.${verb}`, verb === 'update' ? { quantity } : {}, { id })
      }
      await tenant.send('Invoice.finalize', {}, { id: invoice })
      const [lines, bill] = [await tenant.list('LineItem'), await tenant.get('Invoice', invoice)]
      expect(bill['number']).toMatch(/^INV/)
      finalized += lines.length
      const figures = [bill]
      expect({
        subtotal: sumOf(figures, 'subtotal'),
        discount: sumOf(figures, 'discount'),
        tax: sumOf(figures, 'tax'),
      }).toEqual({
        subtotal: sumOf(lines, 'amount'),
        discount: sumOf(lines, 'discountAmount'),
        tax: sumOf(lines, 'taxAmount'),
      })
      expect(bill['total']).toBe(sumOf(lines, 'netAmount') + sumOf(lines, 'taxAmount'))
    }),
    { numRuns: Number(process.env['RUNS'] ?? 10) },
  )
  expect(finalized).toBeGreaterThan(0)
})
