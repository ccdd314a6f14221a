// The journal of generated businesses: it balances and equals the documents, whether it was kept from the start or made later. Closed
// periods take no more.

import { seededRandom } from '@dotdo/db'
import { env } from 'cloudflare:test'
import { type Call, type Entity, fullAuthority, nouns, paymentNouns } from 'digital-objects'
import { askTenant, parseAnswer } from 'objects.do'
import { expect, test } from 'vitest'
import { EntitiesOf } from '../../../objects.do/test/entities-of.ts'
import { GeneratedBusiness } from '../../../objects.do/test/generated-business.ts'
import { accountNames } from './accounts.ts'
import { bookedNouns, contributionsOf } from './contribution.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))
/** Writes of a business; `npm run soak:ledger` sets more. */
const writes = Number(process.env['WRITES'] ?? 240)
const callsPerMessage = 20

function open(name: string) {
  const caller = {
    tenant: name,
    context: `http://localhost/~${name}`,
    authority: fullAuthority('ada'),
    via: 'rest',
  } as const
  const stub = env.PAYMENTS.getByName(name)
  return { stub, caller, tenant: new EntitiesOf(stub, caller) }
}

type Opened = ReturnType<typeof open>

/** Writes money: customers, invoices in all states, payments, refunds and credits, of which many are refused. */
async function write({ stub, caller, tenant }: Opened, random: () => number): Promise<void> {
  const { Customer, Invoice, Payment } = nouns
  const { Refund } = paymentNouns
  const often = [Invoice, Invoice, Payment, Payment, Refund, Customer].map(({ $schema }) => $schema)
  const made: { noun: string; id: string }[] = []
  const generated = new GeneratedBusiness(often, random)
  for (let done = 0; done < writes; done += callsPerMessage) {
    const calls: readonly Call[] = Array.from({ length: callsPerMessage }, () => generated.next({ made, commits: [] }))
    for (const text of (await askTenant(stub, { caller, calls })) ?? []) parseAnswer(text)
    made.length = 0
    for (const noun of ['Customer', 'Invoice', 'Payment', 'Refund'])
      for (const { $id: id } of await tenant.list(noun, { sort: '-$createdAt', limit: '15' })) made.push({ noun, id })
  }
}

async function all({ tenant }: Opened, noun: string): Promise<readonly Entity[]> {
  const found: Entity[] = []
  for (;;) {
    const filter = JSON.stringify({ $id: { $gt: found.at(-1)?.$id ?? '' } })
    const page = await tenant.list(noun, found.length === 0 ? { sort: '$id' } : { sort: '$id', filter })
    found.push(...page)
    if (page.length < 100) return found
  }
}

/** Waits until the journal has come as far as the log. */
async function journalOf(opened: Opened, wanted: string): Promise<readonly Entity[]> {
  for (let tries = 0; tries < 100; tries++) {
    const entries = await all(opened, 'JournalEntry')
    if (JSON.stringify(sumsOf(entries)) === wanted) return entries
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  expect(JSON.stringify(sumsOf(await all(opened, 'JournalEntry')))).toBe(wanted)
  return []
}

const sumsOf = (rows: readonly Readonly<Record<string, unknown>>[]): Readonly<Record<string, number>> => {
  const sums = new Map<string, number>()
  for (const row of rows)
    for (const account of accountNames) {
      const key = `${String(row['currency'])} ${account}`
      sums.set(key, (sums.get(key) ?? 0) + Number(row[account] ?? 0))
    }
  return Object.fromEntries([...sums].filter(([, sum]) => sum !== 0).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** The balances that the documents themselves say. */
async function documentSums(opened: Opened): Promise<string> {
  const rows: Record<string, unknown>[] = []
  for (const noun of bookedNouns)
    for (const fields of await all(opened, noun)) {
      const plain = JSON.parse(JSON.stringify(fields)) as Parameters<typeof contributionsOf>[1]
      rows.push(...contributionsOf(noun, plain).map(({ currency, amounts }) => ({ currency, ...amounts })))
    }
  return JSON.stringify(sumsOf(rows))
}

test(`the journal of a generated business (seed ${seed}) equals its documents, kept from the start or made later`, async () => {
  const [early, late] = [open(`early-${seed}`), open(`late-${seed}`)]
  await early.tenant.write('Ledger.create', {})
  for (const opened of [early, late]) {
    await write(opened, seededRandom(seed))
    // Some documents that surely move money.
    const customer = (await opened.tenant.write('Customer.create', { name: 'Ada' })).$id
    const invoice = (
      await opened.tenant.write('Invoice.finalize', { subtotal: 10_000, tax: 1_900, customer, currency: 'EUR' })
    ).$id
    await opened.tenant.write('Invoice.credit', { amount: 333 }, { id: invoice })
    await opened.tenant.write('Invoice.pay', { amount: 5_000 }, { id: invoice })
    await opened.tenant.write('Invoice.markUncollectible', {}, { id: invoice })
    await opened.tenant.write('Invoice.pay', { amount: 1_000 }, { id: invoice })
    await opened.tenant.write('Payment.capture', { amount: 70, customer, currency: 'EUR' })
  }
  await late.tenant.write('Ledger.create', {})
  for (const opened of [early, late]) {
    const entries = await journalOf(opened, await documentSums(opened))
    expect(entries.length).toBeGreaterThan(5)
    for (const entry of entries)
      expect(
        accountNames.reduce((sum, name) => sum + Number(entry[name] ?? 0), 0),
        entry.$id,
      ).toBe(0)
    // The order of the log is the order of the journal, and its numbers have no gaps.
    const byNumber = entries.toSorted((left, right) => (String(left['number']) < String(right['number']) ? -1 : 1))
    expect(byNumber.map(({ seq }) => seq)).toEqual(byNumber.map(({ seq }) => Number(seq)).toSorted((a, b) => a - b))
    expect(byNumber.map(({ number }) => Number(String(number).slice(-6)))).toEqual(byNumber.map((_, at) => at + 1))
  }
})

test('only the server makes entries, nobody changes them, and there is one ledger', async () => {
  const opened = open(`guarded-${crypto.randomUUID()}`)
  const { tenant } = opened
  const ledger = (await tenant.write('Ledger.create', {})).$id
  expect(await tenant.codeOf('Ledger.create', {})).toBe('hook_rejected')
  expect(await tenant.codeOf('Ledger.delete', {}, { id: ledger })).toBe('verb_disabled')
  await tenant.write('Payment.capture', { amount: 70 })
  const [entry] = await journalOf(opened, await documentSums(opened))
  const own = {
    bookedAt: '2026-01-01T00:00:00Z',
    currency: 'USD',
    cash: 5,
    revenue: -5,
    document: entry?.['document'],
    event: 'evt_x',
    eventType: 'X',
    seq: 1,
  }
  expect(await tenant.codeOf('JournalEntry.create', own)).toBe('forbidden')
  expect(await tenant.codeOf('JournalEntry.update', { cash: 1 }, { id: entry?.$id ?? '' })).toBe('verb_disabled')
  expect(await tenant.codeOf('JournalEntry.delete', {}, { id: entry?.$id ?? '' })).toBe('verb_disabled')
  expect(await tenant.codeOf('JournalEntry.rollback', { version: 1 }, { id: entry?.$id ?? '' })).not.toBe('ok')
})

test('a closed period takes no document that belongs to it, until it is reopened for a reason', async () => {
  const { tenant } = open(`closed-${crypto.randomUUID()}`)
  const ledger = (await tenant.write('Ledger.create', {})).$id
  const [march, april] = ['2026-03-31T23:59:59Z', '2026-04-02T00:00:00Z']
  expect(await tenant.codeOf('Ledger.close', {}, { id: ledger })).not.toBe('ok')
  expect(await tenant.codeOf('Ledger.close', { closedThrough: '2999-01-01T00:00:00Z' }, { id: ledger })).toBe(
    'hook_rejected',
  )
  await tenant.write('Ledger.close', { closedThrough: march }, { id: ledger })
  expect(await tenant.codeOf('Ledger.close', { closedThrough: '2026-01-31T00:00:00Z' }, { id: ledger })).toBe(
    'hook_rejected',
  )
  const customer = (await tenant.write('Customer.create', { name: 'Ada' })).$id
  const draft = (await tenant.write('Invoice.create', { subtotal: 500, customer })).$id
  const dated = { issuedAt: '2026-03-15T00:00:00Z' }
  const refused = await tenant.send('Invoice.finalize', dated, { id: draft })
  expect(refused).toMatchObject({
    ok: false,
    error: { code: 'hook_rejected', message: expect.stringContaining('closed through 2026-03-31') },
  })
  // An effect of another verb is held to it as well.
  await tenant.write('Invoice.finalize', { issuedAt: april }, { id: draft })
  expect(await tenant.codeOf('Invoice.pay', { paidAt: '2026-03-20T00:00:00Z' }, { id: draft })).toBe('hook_rejected')
  expect(await tenant.get('Invoice', draft)).toMatchObject({ status: 'Open' })
  await tenant.write('Invoice.pay', { paidAt: april }, { id: draft })
  expect(await tenant.codeOf('Ledger.reopen', {}, { id: ledger })).not.toBe('ok')
  await tenant.write('Ledger.reopen', { reason: 'a late bill' }, { id: ledger })
  expect((await tenant.get('Ledger', ledger))['closedThrough']).toBeUndefined()
  await tenant.write('Payment.capture', { amount: 5, customer, capturedAt: '2026-03-20T00:00:00Z' })
})
