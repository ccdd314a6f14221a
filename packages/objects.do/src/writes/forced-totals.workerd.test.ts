// Forced writes pass frozen fields, and still leave the books sound.

import { env } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { EntitiesOf } from '../../test/entities-of.ts'
import { caller } from '../../test/generated-tenant.ts'

test('a forced write breaks no total of its entity or of those that it refers to, and a batch corrects both', async () => {
  const tenant = new EntitiesOf(env.PAYMENTS.get(env.PAYMENTS.newUniqueId()), caller)
  const invoice = (await tenant.write('Invoice.finalize', { subtotal: 5_000 })).$id
  await tenant.write('Invoice.pay', { amount: 2_000 }, { id: invoice })
  const payment = (await tenant.list('Payment'))[0]?.$id ?? ''
  const force = 'a typo'
  for (const [type, body, id] of [
    ['Invoice.update', { amountPaid: 100 }, invoice],
    ['Invoice.update', { creditedAmount: 100 }, invoice],
    ['Invoice.rollback', { version: 1 }, invoice],
    ['Payment.update', { amount: 9 }, payment],
    ['Payment.update', { invoice: null }, payment],
    ['Payment.fail', {}, payment],
    ['Payment.delete', {}, payment],
    ['Payment.create', { amount: 7, status: 'Succeeded', invoice }, undefined],
  ] as const)
    expect(await tenant.codeOf(type, body, { ...(id === undefined ? {} : { id }), force }), type).toBe(
      'validation_error',
    )
  expect(await tenant.codeOf('Invoice.update', { number: 'X-1' }, { id: invoice, force })).toBe('ok')
  const operations = [
    { method: 'PATCH', path: `/Payment/${payment}`, body: { amount: 1_500 }, force },
    { method: 'PATCH', path: `/Invoice/${invoice}`, body: { amountPaid: 1_500 }, force },
  ]
  const batchOf = (parts: readonly object[]): Promise<string> => tenant.codeOf('.batch', { operations: parts })
  expect([await batchOf(operations.slice(0, 1)), await batchOf(operations)]).toEqual(['validation_error', 'ok'])
  expect(await tenant.get('Invoice', invoice)).toMatchObject({ number: 'X-1', amountPaid: 1_500, amountDue: 3_500 })
})
