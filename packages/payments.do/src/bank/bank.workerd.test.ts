// Movements of a bank account pay the invoices that they name, once, and others become tasks.

import { env } from 'cloudflare:test'
import { type Entity, fullAuthority } from 'digital-objects'
import { expect, test } from 'vitest'
import { EntitiesOf } from '../../../objects.do/test/entities-of.ts'

function open(): EntitiesOf {
  const name = `bank-${crypto.randomUUID().slice(0, 8)}`
  const caller = {
    tenant: name,
    context: `http://localhost/~${name}`,
    authority: fullAuthority('ada'),
    via: 'rest',
  } as const
  return new EntitiesOf(env.PAYMENTS.getByName(name), caller)
}

async function invoice(tenant: EntitiesOf, subtotal: number): Promise<Entity> {
  const customer = (await tenant.write('Customer.create', { name: 'Ada' })).$id
  return tenant.write('Invoice.finalize', { subtotal, customer, currency: 'EUR' })
}

let count = 0
const movement = (amount: number, reference: string) => ({
  transactionId: `t${count++}`,
  bookedAt: '2026-03-02T00:00:00.000Z',
  amount,
  currency: 'EUR',
  reference,
  party: 'Ada GmbH',
})

/** Waits until the handler has decided on the movement. */
async function decided(tenant: EntitiesOf, id: string): Promise<Entity> {
  for (let tries = 0; tries < 100; tries++) {
    const found = await tenant.get('BankTransaction', id)
    if (found['status'] !== 'Unmatched' || found['task'] !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  throw new Error(`${id} was not decided`)
}

async function arrives(tenant: EntitiesOf, amount: number, reference: string): Promise<Entity> {
  return decided(tenant, (await tenant.write('BankTransaction.create', movement(amount, reference))).$id)
}

test('a movement pays the invoice whose number it names, in whole or in part, however it is written', async () => {
  const tenant = open()
  const [whole, part, other] = [await invoice(tenant, 10_000), await invoice(tenant, 5_000), await invoice(tenant, 700)]
  const paid = await arrives(tenant, 10_000, `Rechnung ${String(whole['number'])}, danke`)
  expect(paid).toMatchObject({ status: 'Matched' })
  expect(await tenant.get('Invoice', whole.$id)).toMatchObject({ status: 'Paid', paidAt: '2026-03-02T00:00:00.000Z' })
  expect(await tenant.get('Payment', String(paid['payment']))).toMatchObject({
    invoice: whole.$id,
    amount: 10_000,
    method: 'bank_transfer',
  })
  await arrives(tenant, 2_000, `part of ${String(part['number']).toLowerCase()}`)
  expect(await tenant.get('Invoice', part.$id)).toMatchObject({ status: 'Open', amountDue: 3_000 })
  // A bank has put spaces into the number.
  await arrives(tenant, 700, String(other['number']).replaceAll('-', ' '))
  expect(await tenant.get('Invoice', other.$id)).toMatchObject({ status: 'Paid' })
})

test('a movement that names no, several or paid invoices, or is too much, becomes a task that says why', async () => {
  const tenant = open()
  const [one, two] = [await invoice(tenant, 1_000), await invoice(tenant, 1_000)]
  const [first, second] = [String(one['number']), String(two['number'])]
  const unclear = [
    await arrives(tenant, 1_000, 'thank you'),
    await arrives(tenant, 2_000, `${first} and ${second}`),
    await arrives(tenant, 1_001, first),
    await arrives(tenant, 1_000, 'INV-1999-0001'),
  ]
  for (const { status, task } of unclear) {
    expect(status).toBe('Unmatched')
    expect(await tenant.get('Activity', String(task))).toMatchObject({
      type: 'Task',
      subject: 'Find the invoice for a payment of Ada GmbH',
    })
  }
  expect(await tenant.list('Payment')).toEqual([])
  // A person decides, once.
  const id = unclear[0]?.$id ?? ''
  await tenant.write('BankTransaction.match', { invoice: one.$id }, { id })
  expect(await tenant.get('Invoice', one.$id)).toMatchObject({ status: 'Paid' })
  // Its work is done, so another call changes nothing.
  await tenant.write('BankTransaction.match', { invoice: two.$id }, { id })
  expect(await tenant.get('Invoice', two.$id)).toMatchObject({ status: 'Open' })
  expect(await tenant.list('Payment')).toHaveLength(1)
})

test('a movement comes once, never changes its amount, and one that went out pays nothing', async () => {
  const tenant = open()
  const bill = await invoice(tenant, 1_000)
  const given = movement(-1_000, String(bill['number']))
  const id = (await tenant.write('BankTransaction.create', given)).$id
  expect(await tenant.codeOf('BankTransaction.create', given)).toBe('conflict')
  expect(await tenant.codeOf('BankTransaction.update', { amount: 1_000 }, { id })).toBe('conflict')
  expect(await tenant.codeOf('BankTransaction.match', { invoice: bill.$id }, { id })).toBe('validation_error')
  await tenant.write('BankTransaction.ignore', {}, { id })
  expect(await tenant.get('Invoice', bill.$id)).toMatchObject({ status: 'Open' })
})

test('a card number that the other party or the bank wrote keeps its last four digits, and other numbers stay', async () => {
  const tenant = open()
  const texts = {
    reference: 'card 4242 4242 4242 4242, for DE89 3704 0044 0532 0130 00',
    party: 'Ada 5555555555554444',
    partyAccount: 'DE89370400440532013000',
    account: '4000056655665556',
  }
  const masked = {
    reference: 'card **** **** **** 4242, for DE89 3704 0044 0532 0130 00',
    party: 'Ada ************4444',
    partyAccount: 'DE89370400440532013000',
    account: '************5556',
  }
  const made = await tenant.write('BankTransaction.create', { ...movement(-5, ''), ...texts })
  expect(made).toMatchObject(masked)
  const changed = { reference: 'no, 378282246310005' }
  expect(await tenant.write('BankTransaction.update', changed, { id: made.$id })).toMatchObject({
    ...masked,
    reference: 'no, ***********0005',
  })
})
