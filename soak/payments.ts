// Connects tenants of a server to one that behaves like Stripe, and holds them to it: objects in random orders of events, repeated
// and with gaps, end in the same state, equal to a full listing; and no key, secret or card is in the data folder.
//
//   npm run soak:payments -- --orders 1000 --fixtures fixtures3.json

import { createHmac } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isDeepStrictEqual } from 'node:util'
import { seededRandom } from '@dotdo/db'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { startServer } from '../apps/headless.ly/src/embedded/launcher.ts'
import { FakeStripe } from '../packages/payments.do/test/fake-stripe.ts'
import { serveFake } from '../packages/payments.do/test/serve-fake.ts'
import { sleep } from './kill-server.ts'

export type Json = Readonly<Record<string, unknown>>

export const signingSecret = 'whsec_thesecretofthesoak'
/** Numbers of cards, as objects of Stripe would have them if it showed them. */
const cards = Array.from({ length: 8 }, (_, index) => cardNumber(424_242_424_242_424 + index * 7_919))
/** Numbers of cards that customers have typed into texts, in the forms in which people write them. */
const typed = ['', ' ', '-'].flatMap((mark, form) =>
  Array.from({ length: 4 }, (_, index) =>
    cardNumber(555_555_555_555_555 - (form * 4 + index) * 6_007).replaceAll(/(\d{4})(?=\d)/g, `$1${mark}`),
  ),
)
const waitMsMax = 120_000
/** Many tenants are looked at, and each look costs the server something. */
const pollMs = 100
/** Each order is that of a tenant of its own. */
const tenantsAtOnce = 8
const external: Readonly<Record<string, string>> = {
  Customer: 'stripeCustomerId',
  Product: 'stripeProductId',
  Price: 'stripeId',
  Coupon: 'stripeCouponId',
  Subscription: 'stripeSubscriptionId',
  Invoice: 'stripeInvoiceId',
  Payment: 'stripePaymentId',
  Refund: 'stripeRefundId',
  Dispute: 'stripeDisputeId',
}

/** A small business at Stripe, with something of each kind that can happen. */
export function fillFake(fake: FakeStripe): void {
  const product = String(fake.put('product', { name: 'Engine', active: true })['id'])
  const price = (amount: number): string =>
    String(
      fake.put('price', {
        product,
        unit_amount: amount,
        currency: 'usd',
        active: true,
        recurring: { interval: 'month', interval_count: 1 },
      })['id'],
    )
  const [small, large] = [price(1_000), price(5_000)]
  fake.put('coupon', { name: 'Launch', percent_off: 20, duration: 'once' })
  for (const name of ['Ada', 'Bo', 'Cy', 'Di', 'Ed']) {
    const customer = String(fake.put('customer', { name, email: `${name.toLowerCase()}@acme.test` })['id'])
    const subscription = fake.subscribe({ customer, price: name < 'C' ? small : large, quantity: name.length })
    const id = String(subscription['id'])
    if (name === 'Bo') fake.put('subscription', { id, cancel_at_period_end: true, canceled_at: fake.now })
    if (name === 'Cy') fake.put('subscription', { id, status: 'past_due' })
    if (name === 'Di') fake.put('subscription', { id, status: 'canceled', canceled_at: fake.now, ended_at: fake.now })
    fake.put('customer', { id: customer, name: `${name} Lovelace` })
    const open = String(
      fake.invoice({
        customer,
        lines: [
          { amount: 700, description: 'Setup' },
          { amount: 300, description: 'Travel' },
        ],
      })['id'],
    )
    if (name === 'Ed')
      fake.put('invoice', {
        id: open,
        status: 'void',
        status_transitions: { finalized_at: fake.now, voided_at: fake.now },
      })
    if (name === 'Ada') fake.pay(open)
  }
  const payments = fake.all('payment_intent').map(({ id }) => String(id))
  fake.refund(payments[0] ?? '', 100)
  fake.refund(payments[0] ?? '', 50)
  const pending = fake.refund(payments[1] ?? '', 200, { status: 'pending' })
  fake.put('refund', { id: pending['id'], status: 'failed', failure_reason: 'lost_or_stolen_card' })
  const cardOf = (index: number): Json => ({ card: { number: cards[index], cvc: '123' } })
  const disputed = { amount: 100, currency: 'usd', status: 'needs_response', payment_intent: payments[0] }
  fake.put('dispute', { ...disputed, payment_method_details: cardOf(0) })
  const charge = {
    id: 'ch_card',
    object: 'charge',
    created: fake.now,
    payment_method_details: { type: 'card', ...cardOf(1) },
  }
  fake.put('payment_intent', { id: payments[0], latest_charge: charge, payment_method: cardOf(2) })
  fake.put('customer', { id: fake.all('customer')[0]?.['id'], default_source: cardOf(3), metadata: { card: cards[4] } })
  fake.put('invoice', { id: fake.all('invoice')[0]?.['id'], payment_settings: cardOf(5) })
  fake.put('subscription', { id: fake.all('subscription')[0]?.['id'], default_payment_method: cardOf(6) })
  // There is no entity type for it.
  fake.put('source', { type: 'card', status: 'chargeable', owner: { name: 'Ada' }, ...cardOf(7) })
}

/** Texts in which customers have typed the numbers of cards. */
function typeCards(fake: FakeStripe): void {
  fake.put('product', { name: `Bill ${typed[0]}`, description: `My card is ${typed[4]}, till 12/29`, active: false })
  fake.put('coupon', { name: `Launch ${typed[8]}`, percent_off: 20, duration: 'once' })
  const customer = String(
    fake.put('customer', { name: `Fay ${typed[1]}`, description: typed[5], metadata: { card: typed[9] } })['id'],
  )
  const billed = fake.invoice({ customer, lines: [{ amount: 900, description: `By ${typed[2]}` }] })
  fake.put('invoice', { id: billed['id'], description: typed[6], footer: typed[10], statement_descriptor: typed[3] })
  const payment_intent = fake.all('payment_intent')[0]?.['id']
  const disputed = { amount: 100, currency: 'usd', status: 'needs_response', payment_intent, reason: typed[7] }
  fake.put('dispute', { ...disputed, evidence: { customer_name: typed[11] } })
}

/** Adds the last digit by the formula of Luhn. */
function cardNumber(digits: number): string {
  const sum = [...String(digits)]
    .toReversed()
    .map((digit, index) => (index % 2 === 0 ? Number(digit) * 2 : Number(digit)))
    .reduce((total, value) => total + (value > 9 ? value - 9 : value), 0)
  return `${digits}${(10 - (sum % 10)) % 10}`
}

export async function ask(url: string, path: string, body?: Json): Promise<Json> {
  const headers = { 'content-type': 'application/json' }
  const init = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) }
  const response = await fetch(url + path, init)
  const text = await response.text()
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`)
  return text === '' ? {} : (JSON.parse(text) as Json)
}

export async function deliver(url: string, event: unknown): Promise<void> {
  const payload = JSON.stringify(event)
  const at = Math.floor(Date.now() / 1_000)
  const signature = createHmac('sha256', signingSecret).update(`${at}.${payload}`).digest('hex')
  const response = await fetch(`${url}/payments/stripe/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'stripe-signature': `t=${at},v1=${signature}` },
    body: payload,
  })
  if (!response.ok) throw new Error(`the event was refused: ${response.status} ${await response.text()}`)
}

export async function settled(url: string): Promise<void> {
  const endMs = Date.now() + waitMsMax
  while (Date.now() < endMs) {
    const { waitingFromStripe, waitingToStripe, running } = await ask(url, '/payments/status')
    if (waitingFromStripe === 0 && waitingToStripe === 0 && (running as readonly unknown[]).length === 0) return
    await sleep(pollMs)
  }
  console.error(
    JSON.stringify((await ask(url, '/status'))['jobs'] ?? (await ask(url, '/status'))),
    JSON.stringify(await ask(url, '/PaymentRun?strong=true')),
  )
  throw new Error(`it did not settle: ${JSON.stringify(await ask(url, '/payments/status'))}`)
}

/** What a tenant knows of Stripe's objects, without its own ids and times of writing. */
export async function mirrored(url: string): Promise<Json> {
  const all = new Map<string, readonly Json[]>()
  for (const noun of Object.keys(external))
    all.set(noun, (await ask(url, `/${noun}?limit=100&strong=true`))['results'] as readonly Json[])
  const names = new Map<unknown, string>()
  for (const [noun, entities] of all)
    for (const entity of entities) names.set(entity['$id'], `${noun} ${String(entity[external[noun] ?? ''])}`)
  const plain = (entity: Json): Json =>
    Object.fromEntries(
      Object.entries(entity)
        .filter(([name]) => !name.startsWith('$'))
        .map(([name, value]) => [name, names.get(value) ?? value]),
    )
  return Object.fromEntries([...all.values()].flat().map((entity) => [names.get(entity['$id']) ?? '', plain(entity)]))
}

export function shuffled<Item>(items: readonly Item[], random: () => number): readonly Item[] {
  const all = [...items]
  for (let at = all.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    ;[all[at], all[other]] = [all[other] as Item, all[at] as Item]
  }
  return all
}

/** The files that contain one of the strings. */
function filesWith(folder: string, strings: readonly string[]): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const file = join(folder, name)
    if (!statSync(file).isFile()) return false
    const bytes = readFileSync(file)
    return strings.some((text) => bytes.includes(text))
  })
}

export function serve(dataFolder: string, stripeServer: string): ReturnType<typeof startServer> {
  const log = (line: string): void => console.error(line)
  return startServer({ dataFolder, port: 0, log, outsideNetworks: ['127.0.0.1/32'], stripeServer })
}

interface Orders {
  readonly orders: number
  readonly seed: number
  readonly fake: FakeStripe
  readonly events: readonly Json[]
  readonly listed: Json
  readonly open: (name: string) => Promise<string>
  readonly log: (line: string) => void
}

async function checkOrders({ orders, seed, fake, events, listed, open, log }: Orders): Promise<void> {
  const check = async (order: number): Promise<void> => {
    const random = seededRandom(seed + order)
    // A tenant looks for events from shortly before it was connected on, and the first of these orders are long ago.
    const created = Math.floor(Date.now() / 1_000)
    for (const { id } of events) fake.plant('event', { id, created })
    const url = await open(`order-${order}`)
    // A tenth is lost, and a fifth comes twice. Those that are lost are found by the list of events.
    const sent = shuffled(events, random).flatMap((event) =>
      random() < 0.1 ? [] : random() < 0.2 ? [event, event] : [event],
    )
    for (const event of sent) await deliver(url, event)
    await settled(url)
    await ask(url, '/payments/sync', { kind: 'Gaps' })
    await settled(url)
    const found = await mirrored(url)
    if (!isDeepStrictEqual(found, listed))
      throw new Error(`order ${order} of seed ${seed} ends in another state:\n${difference(found, listed)}`)
    if (order % 50 === 49) log(`order ${order + 1}`)
  }
  let next = 0
  const work = async (): Promise<void> => {
    while (next < orders) await check(next++)
  }
  await Promise.all(Array.from({ length: tenantsAtOnce }, work))
}

export type Templates = Readonly<Record<string, Record<string, unknown>>>

export async function soakPayments({
  orders,
  seed,
  templates = {},
  log,
}: {
  readonly orders: number
  readonly seed: number
  /** Published objects of Stripe, by type: new objects have all that these have. */
  readonly templates?: Templates
  readonly log: (line: string) => void
}): Promise<void> {
  const fake = new FakeStripe('rk_test_thekeyofthesoak', templates)
  // Each object is a second later, and all of them are within the time that a list of events goes back.
  fake.now = Math.floor(Date.now() / 1_000) - 400
  fillFake(fake)
  typeCards(fake)
  const stripe = await serveFake(fake)
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-payments-'))
  const server = await serve(dataFolder, stripe.url)
  let leaks: readonly string[] = []
  let found: readonly string[] = []
  try {
    const open = async (name: string, sync: boolean): Promise<string> => {
      const url = `${server.url}/~${name}`
      await ask(url, '/Contact', { name: 'First' })
      await ask(url, '/payments/connect', { key: fake.key, webhookSecret: signingSecret, sync })
      await settled(url)
      return url
    }
    const listed = await mirrored(await open('listed', true))
    log(`a full listing has ${Object.keys(listed).length} entities`)
    const events = fake.all('event')
    await checkOrders({ orders, seed, fake, events, listed, open: (name) => open(name, false), log })
    log(`${orders} orders of ${events.length} events end in the state of the listing (seed ${seed})`)
    await sendStatement(`${server.url}/~listed`)
    if (fake.performed.length > 0)
      throw new Error(`Stripe was asked to change something: ${JSON.stringify(fake.performed[0])}`)
  } finally {
    await server.stop()
    stripe.close()
    leaks = filesWith(dataFolder, [fake.key, signingSecret, ...cards, ...typed, ...typed.map(plainDigits)])
    found = filesWith(dataFolder, ['Lovelace'])
    rmSync(dataFolder, { recursive: true, force: true })
  }
  if (found.length === 0) throw new Error('the search finds nothing that is stored')
  if (leaks.length > 0) throw new Error(`a secret is in ${leaks.join(', ')}`)
  const numbers = `${cards.length} card numbers, or of ${typed.length} that customers have typed`
  log(`no key, signing secret or one of ${numbers} is in any file of the data folder`)
}

function plainDigits(text: string): string {
  return text.replaceAll(/\D/g, '')
}

/** A bank's statement, and a file of movements, whose senders have typed the numbers of their cards. */
async function sendStatement(url: string): Promise<void> {
  const entries = typed.map(
    (number, at) =>
      `<Ntry><NtryRef>${at}</NtryRef><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-03-02</Dt></BookgDt>` +
      `<NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Ada ${number}</Nm></Dbtr></RltdPties><RmtInf><Ustrd>card ${number}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`,
  )
  const account = '<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>'
  const body = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>${account}${entries.join('')}</Stmt></BkToCstmrStmt></Document>`
  const headers = { 'content-type': 'application/xml' }
  const response = await fetch(`${url}/bank/statements`, { method: 'POST', headers, body })
  const counts = await response.text()
  if (!response.ok || !counts.includes(`"created":${typed.length}`)) throw new Error(`the statement: ${counts}`)
  const masked = (await ask(url, '/BankTransaction?limit=100&strong=true'))['results'] as readonly Json[]
  if (!masked.every(({ reference }) => /\*{4}\W?\d{4}$/.test(String(reference))))
    throw new Error(`a movement is not masked: ${JSON.stringify(masked[0])}`)
  for (const [at, number] of typed.entries()) {
    const movement = { transactionId: `single-${at}`, bookedAt: '2026-03-02T00:00:00Z', amount: 100, currency: 'EUR' }
    await ask(url, '/BankTransaction', { ...movement, reference: number, party: `Bo (${number})` })
  }
}

export function difference(found: Json, expected: Json): string {
  const names = [...new Set([...Object.keys(found), ...Object.keys(expected)])]
  const other = names.filter((name) => !isDeepStrictEqual(found[name], expected[name])).slice(0, 3)
  return other
    .map((name) => `${name}\n  ${JSON.stringify(found[name])}\n  ${JSON.stringify(expected[name])}`)
    .join('\n')
}

/** Values of single members contradict each other in the published objects, since each shows what it may have. */
const contradicting = [
  'canceled_at',
  'ended_at',
  'cancel_at',
  'trial_start',
  'trial_end',
  'cancel_at_period_end',
  'due_date',
]
const contradictingCoupon = ['currency', 'duration_in_months', 'redeem_by']

function readTemplates(file: string): Templates {
  const { resources } = JSON.parse(readFileSync(file, 'utf8')) as { readonly resources: Templates }
  const left = (type: string): readonly string[] => (type === 'coupon' ? contradictingCoupon : contradicting)
  return Object.fromEntries(
    Object.entries(resources).map(([type, object]) => [
      type,
      Object.fromEntries(Object.entries(object).filter(([name]) => !left(type).includes(name))),
    ]),
  )
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      orders: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      fixtures: { type: 'string' },
    },
  })
  const { fixtures } = values
  const log = (line: string): void => console.log(line)
  if (fixtures === undefined)
    log(
      'SKIPPED: the members of published objects. They are openapi/fixtures3.json of github.com/stripe/openapi: --fixtures FILE',
    )
  await buildIfStale()
  const templates = fixtures === undefined ? {} : readTemplates(fixtures)
  await soakPayments({ orders: Number(values.orders), seed: Number(values.seed), templates, log })
}
