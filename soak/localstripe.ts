// Holds a connected tenant to a server that others have written to behave like Stripe: localstripe, which sends its own signed
// events. What happens on one side is on the other, a tenant that only lists ends in the same state, and a comparison agrees.
//
//   pip install localstripe==1.15.10
//   LOCALSTRIPE=/path/to/localstripe npm run soak:localstripe

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { buildIfStale } from '../apps/headless.ly/build.js'
import { sleep } from './kill-server.ts'
import { ask, type Json, mirrored, serve, settled, signingSecret } from './payments.ts'

const command = process.env['LOCALSTRIPE'] ?? 'localstripe'
const key = 'sk_test_thekeyofthesoak'
const card = '4242424242424242'
const waitMsMax = 30_000
/** It sends each event a second after the change. */
const eventMs = 1_500

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}

/** Returns undefined if it is not installed. */
async function startLocalstripe(
  folder: string,
): Promise<{ readonly url: string; readonly child: ChildProcess } | undefined> {
  const port = await freePort()
  const child = spawn(command, ['--port', String(port), '--from-scratch'], { cwd: folder, stdio: 'ignore' })
  const failed = new Promise<'failed'>((done) => child.once('error', () => done('failed')))
  const url = `http://127.0.0.1:${port}`
  for (const endMs = Date.now() + waitMsMax; Date.now() < endMs;) {
    if ((await Promise.race([failed, sleep(200)])) === 'failed') return undefined
    if ((await fetch(url).catch(() => undefined)) !== undefined) return { url, child }
  }
  throw new Error(`${command} does not listen`)
}

/** Asks localstripe as somebody at Stripe does. */
function asker(
  url: string,
): (method: string, path: string, parameters?: Readonly<Record<string, string>>) => Promise<Json> {
  return async (method, path, parameters) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-www-form-urlencoded' },
      ...(parameters === undefined ? {} : { body: new URLSearchParams(parameters).toString() }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text === '' ? {} : (JSON.parse(text) as Json)
  }
}

type Stripe = ReturnType<typeof asker>

/** Something of each kind that it knows and that needs no price, of which it has none. */
async function fill(stripe: Stripe): Promise<void> {
  await stripe('POST', '/v1/products', { name: 'Engine', type: 'service' })
  await stripe('POST', '/v1/coupons', { id: 'LAUNCH', percent_off: '20', duration: 'once' })
  await stripe('POST', '/v1/tax_rates', { display_name: 'VAT', percentage: '19', inclusive: 'false' })
  for (const name of ['Ada', 'Bo']) {
    const customer = String((await stripe('POST', '/v1/customers', { name, email: `${name}@acme.test` }))['id'])
    const method = await stripe('POST', '/v1/payment_methods', {
      type: 'card',
      'card[number]': card,
      'card[exp_month]': '12',
      'card[exp_year]': '2040',
      'card[cvc]': '123',
    })
    const id = String(method['id'])
    await stripe('POST', `/v1/payment_methods/${id}/attach`, { customer })
    const intent = { amount: '5000', currency: 'usd', customer, payment_method: id, confirm: 'true' }
    const paid = await stripe('POST', '/v1/payment_intents', intent)
    if (name === 'Ada') await stripe('POST', '/v1/refunds', { payment_intent: String(paid['id']), amount: '700' })
    await stripe('POST', `/v1/customers/${customer}`, { name: `${name} Lovelace` })
  }
}

/** Changes here arrive there, once. */
async function sendOurs(url: string, stripe: Stripe): Promise<void> {
  const customer = await ask(url, '/Customer', { name: 'Cy', email: 'cy@acme.test' })
  await ask(url, '/TaxRate', { displayName: 'GST', percentage: 10 })
  const payments = (await ask(url, '/Payment?strong=true'))['results'] as readonly Json[]
  const payment = payments.find(({ refundedAmount }) => refundedAmount === undefined)
  await ask(url, `/Payment/${String(payment?.['$id'])}/refund`, { amount: 1_200 })
  await settled(url)
  const { stripeCustomerId, metadata } = await ask(url, `/Customer/${String(customer['$id'])}?strong=true`)
  const there = await stripe('GET', `/v1/customers/${String(stripeCustomerId)}`)
  requireEqual('the customer there', [there['name'], there['email']], ['Cy', 'cy@acme.test'])
  requireEqual('refusals of the customer', metadata ?? null, null)
  const { data } = await stripe('GET', '/v1/refunds')
  const amounts = (data as readonly Json[]).map(({ amount }) => Number(amount)).toSorted((one, other) => one - other)
  requireEqual('refunds there', amounts, [700, 1_200])
  const { data: rates } = await stripe('GET', '/v1/tax_rates')
  requireEqual('tax rates there', (rates as readonly Json[]).length, 2)
}

function requireEqual(what: string, found: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(found, expected))
    throw new Error(`${what}: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`)
}

async function open(base: string, name: string, sync: boolean): Promise<string> {
  const url = `${base}/~${name}`
  await ask(url, '/Contact', { name: 'First' })
  await ask(url, '/payments/connect', { key, webhookSecret: signingSecret, sync })
  await settled(url)
  return url
}

async function soakLocalstripe(log: (line: string) => void): Promise<void> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'headlessly-localstripe-'))
  const started = await startLocalstripe(dataFolder)
  if (started === undefined) {
    log(`SKIPPED: there is no ${command}. It comes by: pip install localstripe==1.15.10`)
    return
  }
  const server = await serve(join(dataFolder, 'data'), started.url)
  const stripe = asker(started.url)
  try {
    const told = await open(server.url, 'told', false)
    const webhook = `${server.url}/~told/payments/stripe/webhook`
    await stripe('POST', '/_config/webhooks/soak', { url: webhook, secret: signingSecret })
    await fill(stripe)
    await sleep(eventMs)
    await settled(told)
    const byEvents = await mirrored(told)
    const listed = await open(server.url, 'listed', true)
    const all = await mirrored(listed)
    // It sends no events of coupons and refunds, so these come with a list only.
    const withEvents = Object.keys(all).filter((name) => !/^(?:Coupon|Refund) /.test(name))
    requireEqual('what its events bring', Object.keys(byEvents).toSorted(), withEvents.toSorted())
    log(`its events bring ${withEvents.length} entities, and its lists ${Object.keys(all).length}`)
    await ask(told, '/payments/sync', {})
    await settled(told)
    requireEqual('what a synchronization brings', await mirrored(told), all)
    await sendOurs(told, stripe)
    await ask(told, '/payments/reconcile', {})
    await settled(told)
    const findings = (await ask(told, '/PaymentFinding?limit=100&strong=true'))['results'] as readonly Json[]
    for (const { kind, object, message } of findings) log(`${String(kind)} ${String(object)}: ${String(message)}`)
    const wrong = findings.filter(({ kind }) => kind !== 'Unknown')
    requireEqual('findings that are more than unknown objects', wrong.length, 0)
    log('both sides agree')
  } finally {
    await server.stop()
    started.child.kill()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

await buildIfStale()
await soakLocalstripe((line) => console.log(line))
