// A tenant whose own Noun has the name of one that a service brings later: it opens, keeps its Noun, and its verbs of money work
// as before the service.

import { env, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { ask, askRead } from '../test/ask-tenant.ts'
import { EntitiesOf } from '../test/entities-of.ts'
import { caller } from '../test/generated-tenant.ts'
import { paymentServices } from '../test/payment-services.ts'
import { TenantObject } from './tenant-object.ts'

const fields = { note: 'string!', payment: '-> Payment.refunds' }

function define(stub: Parameters<typeof ask>[0], noun: string, verb: 'put' | 'patch', body: unknown) {
  const call = { kind: 'write', noun, verb: `schema.${verb}`, body: JSON.stringify(body) } as const
  return ask(stub, caller, call)
}

test("an own Noun of a service's name keeps working when the service comes, and refunds make none of its entities", async () => {
  // The object of the class without services, opened again with them.
  const stub = env.TENANTS.get(env.TENANTS.newUniqueId())
  const before = new EntitiesOf(stub, caller)
  expect(await define(stub, 'Refund', 'put', { fields })).toMatchObject({ ok: true })
  const payment = (await before.write('Payment.capture', { amount: 500 })).$id
  const note = await before.write('Refund.create', { note: 'by cheque', payment })
  const state = await runInDurableObject(stub, async (_, ctx) => {
    const opened = new TenantObject(ctx, env, { services: paymentServices })
    const after = new EntitiesOf(opened, caller)
    await after.write('Payment.refund', { amount: 100 }, { id: payment })
    await after.write('Refund.update', { note: 'by transfer' }, { id: note.$id })
    expect(await after.list('Refund')).toMatchObject([{ $id: note.$id, note: 'by transfer' }])
    expect(await after.get('Payment', payment, { include: 'refunds' })).toMatchObject({
      refundedAmount: 100,
      refunds: [{ note: 'by transfer' }],
    })
    expect(await define(opened, 'Refund', 'patch', { fields: { cheque: 'string?' } })).toMatchObject({ ok: true })
    expect(await after.write('Refund.create', { note: 'x', cheque: '17' })).toMatchObject({ cheque: '17' })
    // Another Noun of the service is there, and nobody can take its name any more.
    expect(await define(opened, 'Creditnote', 'put', { fields })).toMatchObject({
      error: { code: 'invalid_definition', field: 'name' },
    })
    expect(await define(opened, 'CreditNote', 'put', { fields })).toMatchObject({ error: { code: 'conflict' } })
    return askRead(opened, caller, { read: 'schema', noun: 'Refund' })
  })
  expect(state).toMatchObject({ ok: true, body: expect.stringContaining('"origin":"own"') })
})

test("a tenant adds to a service's Noun, and the additions are no Noun of its own", async () => {
  const stub = env.PAYMENTS.get(env.PAYMENTS.newUniqueId())
  const tenant = new EntitiesOf(stub, caller)
  const added = await define(stub, 'Refund', 'patch', { fields: { channel: 'Card | Bank' } })
  expect(added).toMatchObject({ ok: true, body: expect.stringContaining('"stripeRefundId"') })
  const payment = (await tenant.write('Payment.capture', { amount: 500 })).$id
  await tenant.write('Payment.refund', { amount: 100 }, { id: payment })
  const [refund] = await tenant.list('Refund')
  await tenant.write('Refund.update', { channel: 'Bank' }, { id: refund?.$id ?? '' })
  expect(await tenant.get('Payment', payment, { include: 'refunds' })).toMatchObject({ refunds: [{ channel: 'Bank' }] })
  const removed = await define(stub, 'Refund', 'patch', { fields: { channel: null } })
  expect(removed).toMatchObject({ ok: false, error: { code: 'conflict' } })
})
