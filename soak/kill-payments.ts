// Kills the server at any point between a decision, its request to Stripe, the answer and the commit, and holds it to it: each
// customer is made once at a server that behaves like Stripe, each refund moves money once, and each synchronization ends.
//
//   npm run soak:kill-payments -- --kills 200

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { seededRandom } from '@dotdo/db'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { FakeStripe } from '../packages/payments.do/test/fake-stripe.ts'
import { killServer, sleep } from './kill-server.ts'
import { serveFake } from '../packages/payments.do/test/serve-fake.ts'
import { ask, type Json, serve, settled, signingSecret } from './payments.ts'

/** The longest wait of the stand-in, before it performs a request and before it answers. */
const waitMsMax = 60
const attemptsMax = 50
/** Kills for each synchronization that is interrupted. */
const syncEach = 5

/** Repeats a write under its key until it is answered. */
async function write(address: string, { body, key }: { readonly body: Json; readonly key: string }): Promise<void> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key }
  let last: unknown
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    try {
      const answer = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) })
      if (answer.ok) return
      last = `${answer.status} ${await answer.text()}`
    } catch (error) {
      last = error
    }
    await sleep(100)
  }
  throw new Error(`${address} was not answered: ${String(last)}`)
}

async function all(url: string, noun: string): Promise<readonly Json[]> {
  const found: Json[] = []
  for (let cursor: unknown; ;) {
    const next = cursor === undefined ? '' : `&cursor=${encodeURIComponent(String(cursor))}`
    const page = await ask(url, `/${noun}?limit=100&strong=true${next}`)
    found.push(...(page['results'] as readonly Json[]))
    if (page['hasMore'] !== true) return found
    cursor = page['cursor']
  }
}

async function isIdle(url: string): Promise<boolean> {
  const { running } = await ask(url, '/payments/status')
  return (running as readonly unknown[]).length === 0
}

function requireEqual(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`${what}: found ${found}, expected ${expected}`)
}

async function check(url: string, fake: FakeStripe, rounds: number): Promise<void> {
  const customers = (await all(url, 'Customer')).filter(({ stripeCustomerId }) => stripeCustomerId !== undefined)
  // One of them is Stripe's own.
  requireEqual('customers here', customers.length, rounds + 1)
  requireEqual('customers at Stripe', fake.all('customer').length, rounds + 1)
  const refunds = await all(url, 'Refund')
  const sum = (some: readonly Json[]): number => some.reduce((total, { amount }) => total + Number(amount), 0)
  requireEqual('refunds here', refunds.length, rounds)
  requireEqual('refunds that succeeded', refunds.filter(({ status }) => status === 'Succeeded').length, rounds)
  requireEqual('refunds at Stripe', fake.all('refund').length, rounds)
  requireEqual('ids of refunds', new Set(refunds.map(({ stripeRefundId }) => stripeRefundId)).size, rounds)
  requireEqual('money that was paid back', sum(fake.all('refund')), sum(refunds))
  const [payment] = await all(url, 'Payment')
  requireEqual('money that the payment says was paid back', Number(payment?.['refundedAmount']), sum(refunds))
  requireEqual('requests that changed something', fake.performed.length, 2 * rounds)
}

export async function soakKillPayments({
  kills,
  seed,
  log,
}: {
  readonly kills: number
  readonly seed: number
  readonly log: (line: string) => void
}): Promise<void> {
  const random = seededRandom(seed)
  const fake = new FakeStripe('rk_test_thekeyofthesoak')
  const customer = String(fake.put('customer', { name: 'Ada' })['id'])
  const product = String(fake.put('product', { name: 'Engine', active: true })['id'])
  const recurring = { interval: 'month', interval_count: 1 }
  const price = fake.put('price', { product, unit_amount: 10_000_000, currency: 'usd', active: true, recurring })
  fake.subscribe({ customer, price: String(price['id']) })
  const stripe = await serveFake(fake, () => sleep(random() * waitMsMax))
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-kill-payments-'))
  const server = await serve(dataFolder, stripe.url)
  const url = `${server.url}/~acme`
  try {
    await ask(url, '/Contact', { name: 'First' })
    await ask(url, '/payments/connect', { key: fake.key, webhookSecret: signingSecret })
    await settled(url)
    const payment = String((await all(url, 'Payment'))[0]?.['$id'])
    for (let kill = 0; kill < kills; kill++) {
      await write(`${url}/Customer`, { body: { name: `Customer ${kill}` }, key: `customer-${kill}` })
      const body = { amount: 1 + Math.floor(random() * 100) }
      await write(`${url}/Payment/${payment}/refund`, { body, key: `refund-${kill}` })
      // On a busy machine a run may need more than the time between two kills.
      if (kill % syncEach === 0 && (await isIdle(url))) await ask(url, '/payments/sync', {})
      if (kill % 20 === 19) log(`kill ${kill + 1}`)
      await sleep(random() * 6 * waitMsMax)
      await killServer(server)
    }
    await settled(url)
    await check(url, fake, kills)
    const runs = await all(url, 'PaymentRun')
    requireEqual('runs that succeeded', runs.filter(({ status }) => status === 'Succeeded').length, runs.length)
    await ask(url, '/payments/sync', {})
    await settled(url)
    await check(url, fake, kills)
    log(`${kills} kills: each customer and each refund is at Stripe once, also after a synchronization (seed ${seed})`)
  } finally {
    await server.stop()
    stripe.close()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: { kills: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
  })
  await buildIfStale()
  await soakKillPayments({ kills: Number(values.kills), seed: Number(values.seed), log: (line) => console.log(line) })
}
