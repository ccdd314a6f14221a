// The money of disputes in the ledger of a connected tenant, by generated histories of what Stripe says of them.

import { seededRandom } from '@dotdo/db'
import { type Entity, fullAuthority } from 'digital-objects'
import { expect, test } from 'vitest'
import { askRead } from '../test/ask-tenant.ts'
import { type Json, StripeTenant } from '../test/stripe-tenant.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))
const disputes = 6
const accounts = ['cash', 'disputedPayments', 'disputeLosses', 'disputeFees'] as const

type Balances = Record<string, number>

/** By account and currency. */
function balancesOf(entries: readonly Entity[]): Balances {
  const balances: Balances = {}
  for (const entry of entries)
    for (const account of accounts) {
      const key = `${account} ${String(entry['currency'])}`
      balances[key] = (balances[key] ?? 0) + Number(entry[account] ?? 0)
    }
  return Object.fromEntries(Object.entries(balances).filter(([, amount]) => amount !== 0))
}

interface Told {
  readonly amount: number
  /** The currency of the account, in which the fee is. */
  readonly account: string
  readonly states: readonly { readonly status: string; readonly isBack: boolean; readonly isFeeBack: boolean }[]
}

function tell(random: () => number): Told {
  const isWon = random() < 0.4
  const isFeeBack = random() < 0.5
  const begun = { status: 'needs_response', isBack: false, isFeeBack: false }
  const end = isWon ? { status: 'won', isBack: true, isFeeBack } : { ...begun, status: 'lost' }
  const review = random() < 0.5 ? [{ ...begun, status: 'under_review' }] : []
  return {
    amount: 100 + Math.floor(random() * 4_900),
    account: random() < 0.5 ? 'usd' : 'eur',
    // The bank may change its mind.
    states: [begun, ...review, end, ...(random() < 0.3 ? [isWon ? { ...begun, status: 'lost' } : begun] : [])],
  }
}

/** The balances that the accounts should have after a state, written down from the story itself. */
function expected(stories: readonly { readonly told: Told; readonly at: number }[], paid: number): Balances {
  const balances: Balances = { 'cash USD': paid }
  const add = (key: string, amount: number): void => void (balances[key] = (balances[key] ?? 0) + amount)
  for (const { told, at } of stories) {
    const state = told.states[Math.min(at, told.states.length - 1)]
    const fee = state?.isFeeBack === true ? 0 : 1_500
    if (state?.isBack !== true) {
      add('cash USD', -told.amount)
      add(`${state?.status === 'lost' ? 'disputeLosses' : 'disputedPayments'} USD`, told.amount)
    }
    add(`cash ${told.account.toUpperCase()}`, -fee)
    add(`disputeFees ${told.account.toUpperCase()}`, fee)
  }
  return Object.fromEntries(Object.entries(balances).filter(([, amount]) => amount !== 0))
}

function fieldsAt({ amount, account, states }: Told, at: number, begun: number): Json {
  const { status, isBack, isFeeBack } = states[Math.min(at, states.length - 1)] ?? {}
  // At the rates of two days.
  const [out, back] = account === 'usd' ? [amount, amount] : [Math.floor(amount * 0.9), Math.floor(amount * 0.8)]
  const moved = { object: 'balance_transaction', currency: account }
  return {
    status,
    balance_transactions: [
      { ...moved, amount: -out, fee: 1_500, created: begun },
      ...(isBack === true
        ? [{ ...moved, amount: back, fee: isFeeBack === true ? -1_500 : 0, created: begun + 60 }]
        : []),
    ],
  }
}

/** The value of a metric in all years, in cents. */
async function centsOf(tenant: StripeTenant, name: string): Promise<number> {
  const authority = fullAuthority('owner')
  const caller = { tenant: 'acme', context: 'http://localhost/~acme', via: 'rest', authority } as const
  const parameters = { from: '2020-01-01', step: 'year' }
  const answer = await askRead(tenant.stub, caller, { read: 'metric', id: name, parameters })
  if (!answer.ok) throw new Error(answer.error.message)
  const { history } = JSON.parse(answer.body) as { readonly history: readonly { readonly value: number | null }[] }
  return Math.round(history.reduce((sum, { value }) => sum + (value ?? 0), 0) * 100)
}

test(`the ledger and the metric of losses have what each dispute has taken, given back, lost and cost, at any time (seed ${seed})`, async () => {
  const random = seededRandom(seed)
  const tenant = await StripeTenant.connected()
  const { fake } = tenant
  await tenant.write('Ledger', 'create')
  const customer = String(fake.put('customer', { name: 'Ada' })['id'])
  fake.pay(String(fake.invoice({ customer, lines: [{ amount: 90_000, description: 'Setup' }] })['id']))
  const payment_intent = fake.all('payment_intent')[0]?.['id']
  const begun = fake.now
  const stories = Array.from({ length: disputes }, () => ({ told: tell(random), at: 0 })).map((story) => {
    const { amount } = story.told
    const made = fake.put('dispute', { amount, currency: 'usd', payment_intent, ...fieldsAt(story.told, 0, begun) })
    return { ...story, id: String(made['id']) }
  })
  const inquiry = { amount: 70, currency: 'usd', payment_intent, status: 'warning_needs_response' }
  fake.put('dispute', { ...inquiry, balance_transactions: [] })
  const journal = async (): Promise<readonly Entity[]> => {
    await tenant.serve('POST /payments/sync')
    await tenant.settled()
    const wanted = expected(stories, 90_000)
    await expect.poll(async () => balancesOf(await tenant.list('JournalEntry')), { timeout: 20_000 }).toEqual(wanted)
    expect(await centsOf(tenant, 'dispute_losses')).toBe(wanted['disputeLosses USD'] ?? 0)
    expect(await centsOf(tenant, 'revenue')).toBe(90_000)
    return tenant.list('JournalEntry')
  }
  const first = await journal()
  const firstBalances = balancesOf(first)
  const asOf = new Date().toISOString()
  const stepsMax = Math.max(...stories.map(({ told }) => told.states.length))
  for (let step = 1; step < stepsMax; step++) {
    for (const story of stories) {
      story.at = step
      fake.put('dispute', { id: story.id, ...fieldsAt(story.told, step, begun) })
    }
    await journal()
  }
  const found = await tenant.list('Dispute')
  expect(found).toHaveLength(disputes + 1)
  // The entries as they were then.
  const authority = fullAuthority('owner')
  const caller = { tenant: 'acme', context: 'http://localhost/~acme', via: 'rest', authority } as const
  const parameters = { limit: '100', asOf }
  const past = await askRead(tenant.stub, caller, { read: 'find', noun: 'JournalEntry', parameters })
  if (!past.ok) throw new Error(past.error.message)
  expect(balancesOf((JSON.parse(past.body) as { readonly results: readonly Entity[] }).results)).toEqual(firstBalances)
  const withdrawn = first.filter(({ eventType }) => String(eventType).startsWith('Dispute.'))
  const at = new Date(begun * 1_000).toISOString()
  expect(withdrawn.every(({ bookedAt }) => bookedAt === at)).toBe(true)
  await tenant.serve('POST /payments/reconcile')
  await tenant.settled()
  expect(await tenant.list('PaymentFinding', { kind: 'Difference' })).toEqual([])
})
