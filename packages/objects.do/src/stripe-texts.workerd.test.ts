// Texts and links that Stripe has: numbers of cards that customers typed are stored nowhere, and links lead people to Stripe's pages
// while the server follows none.

import { type Authority, fullAuthority } from 'digital-objects'
import { expect, test } from 'vitest'
import { askRead } from '../test/ask-tenant.ts'
import { stripes } from '../test/payment-services.ts'
import { StripeTenant } from '../test/stripe-tenant.ts'

const typed = ['4242 4242 4242 4242', '5555-5555-5555-4444', '378282246310005', '6011111111111117'] as const
const kept = ['**** **** **** 4242', '****-****-****-4444', '***********0005', '************1117'] as const

const caller = { tenant: 'acme', context: 'http://localhost/~acme', via: 'rest' } as const

/** All that the tenant has stored as text. */
async function stored(tenant: StripeTenant): Promise<string> {
  const texts: string[] = []
  for (const noun of ['Customer', 'Product', 'Subscription', 'Invoice', 'LineItem', 'Payment', 'PaymentFinding'])
    texts.push(JSON.stringify(await tenant.list(noun)))
  const asked = { ...caller, authority: fullAuthority('owner') }
  const events = await askRead(tenant.stub, asked, { read: 'events', parameters: { limit: '1000' } })
  if (!events.ok) throw new Error(events.error.message)
  return [...texts, events.body].join('\n')
}

test('a card number in a text of Stripe is masked by listing, by event and by the answer to a request', async () => {
  const tenant = await StripeTenant.connected()
  const { fake } = tenant
  fake.put('product', { name: `Engine ${typed[0]}`, description: typed[1], active: true })
  await tenant.serve('POST /payments/sync')
  await tenant.settled()
  expect(await tenant.one('Product', {})).toMatchObject({ name: `Engine ${kept[0]}`, description: kept[1] })

  const customer = String(fake.put('customer', { name: typed[2], metadata: { note: typed[3] } })['id'])
  fake.invoice({ customer, lines: [{ amount: 100, description: `Card ${typed[3]}` }] })
  for (const event of fake.all('event')) await tenant.deliver(event)
  await tenant.settled()
  expect(await tenant.one('Customer', {})).toMatchObject({ name: kept[2] })
  expect(JSON.stringify(await tenant.list('LineItem'))).toContain(`Card ${kept[3]}`)

  // Somebody at Stripe adds one while a request of ours is answered.
  fake.shape = (object) => (object['object'] === 'customer' ? { ...object, name: `Ada ${typed[1]}` } : object)
  await tenant.write('Customer', 'create', { name: 'Bo' })
  await tenant.settled()
  const all = await stored(tenant)
  for (const number of typed) for (const form of [number, number.replaceAll(/\D/g, '')]) expect(all).not.toContain(form)
})

test('links to an invoice and its PDF are as Stripe gives them, for those who may read the invoice, and are never fetched', async () => {
  const tenant = await StripeTenant.connected()
  const { fake } = tenant
  const asked: string[] = []
  const send = stripes.get(fake.key)
  if (send === undefined) throw new Error('the tenant is not connected')
  stripes.set(fake.key, (request, rules) => {
    asked.push(request.url)
    return send(request, rules)
  })
  const links = {
    invoice_pdf: 'https://pay.stripe.com/invoice/acct_1M2JTkLkdIwHu7ix/test_YWNjdF8x4242424242424242/pdf?s=ap',
    hosted_invoice_url: 'https://invoice.stripe.com/i/acct_1M2JTkLkdIwHu7ix/test_YWNjdF8xTTJKVGtMa2RJ?s=ap',
  }
  const shown = { pdfUrl: links.invoice_pdf, hostedUrl: links.hosted_invoice_url }
  const customer = String(fake.put('customer', { name: 'Ada' })['id'])
  const made = fake.invoice({ customer, lines: [{ amount: 100, description: 'Setup' }] })
  fake.put('invoice', { id: made['id'], ...links })
  for (const event of fake.all('event')) await tenant.deliver(event)
  await tenant.settled()
  const invoice = await tenant.one('Invoice', {})
  expect(invoice).toMatchObject(shown)

  // Stripe gives new ones when the old ones expire.
  fake.put('invoice', { id: made['id'], invoice_pdf: `${links.invoice_pdf}&v=2`, hosted_invoice_url: null })
  await tenant.deliver(fake.all('event').at(-1))
  await tenant.settled()
  const later = await tenant.one('Invoice', {})
  expect(later['pdfUrl']).toBe(`${links.invoice_pdf}&v=2`)
  expect(later['hostedUrl']).toBeUndefined()
  expect(asked.length).toBeGreaterThan(0)
  expect(asked.filter((url) => !url.startsWith('https://stripe.test/v1/'))).toEqual([])

  const nothing = { read: 'none', write: 'none', hidden: [], verbs: [] } as const
  const as = (own: Partial<Authority['others']>): Authority => ({
    who: 'member',
    nouns: { Invoice: { ...nothing, read: 'all', ...own } },
    others: nothing,
  })
  const read = async (authority: Authority) => {
    const answer = await askRead(
      tenant.stub,
      { ...caller, authority },
      { read: 'get', noun: 'Invoice', id: invoice.$id },
    )
    return answer.ok ? answer.body : answer.error.code
  }
  expect(await read(as({}))).toContain(links.invoice_pdf)
  expect(await read(as({ read: { $id: 'invoice_other' } }))).toBe('not_found')
  expect(await read(as({ read: 'none' }))).toBe('not_found')
  const hidden = await read(as({ hidden: ['pdfUrl', 'hostedUrl'] }))
  expect(hidden).toContain(invoice.$id)
  expect(hidden).not.toContain('stripe.com')
})

test('the finding of a price that cannot be held says what to do at Stripe, and is settled once that is done', async () => {
  const tenant = await StripeTenant.connected()
  const { fake } = tenant
  const product = String(fake.put('product', { name: 'Engine', active: true })['id'])
  const monthly = { interval: 'month', interval_count: 1 }
  const price = { product, currency: 'usd', active: true, unit_amount: 100, recurring: monthly }
  const tiered = { billing_scheme: 'tiered', tiers_mode: 'volume', unit_amount: null }
  const ids = [
    tiered,
    { unit_amount: null, unit_amount_decimal: '0.5' },
    { recurring: { ...monthly, interval: 'week' } },
  ].map((kind) => String(fake.put('price', { ...price, ...kind })['id']))
  await tenant.serve('POST /payments/sync')
  await tenant.settled()
  const findings = await tenant.list('PaymentFinding', { kind: 'Unsupported', status: 'Open' })
  expect(findings.map(({ externalId }) => String(externalId)).toSorted()).toEqual(ids.toSorted())
  for (const { remedy } of findings) {
    expect(remedy).toContain('make a price of one amount')
    expect(remedy).toContain('count in no metric here')
  }
  for (const id of ids) fake.put('price', { id, unit_amount: 100, recurring: monthly })
  await tenant.serve('POST /payments/sync')
  await tenant.settled()
  expect(await tenant.list('PaymentFinding', { status: 'Open' })).toEqual([])
  expect(await tenant.list('Price')).toHaveLength(3)
})
