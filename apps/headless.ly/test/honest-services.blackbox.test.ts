// No verb of a service's Noun claims what did not happen: on the server that ships, with nothing connected, each is called in
// the states that its entities have, and is refused and changes nothing, or changes what its event says.

import type { NounSchema } from 'digital-objects'
import { expect, test } from 'vitest'
import { services } from '../src/base/services.ts'
import { type Answer, useSharedServer } from './server.ts'

type Json = Readonly<Record<string, unknown>>

const { call, tenant } = useSharedServer()
const t = tenant()
const nouns = services.flatMap((service) => service.nouns ?? [])

/** Nouns whose entities the server alone writes, and of which it makes none with nothing connected. */
const ofServer = new Set(['AgentRun', 'Dispute', 'PaymentRun', 'PaymentFinding'])

async function post(path: string, body: Json = {}): Promise<Json> {
  const answer = await call('POST', `/~${t}/${path}`, body)
  if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}

const idOf = async (path: string, body: Json = {}): Promise<string> => String((await post(path, body))['$id'])

async function list(noun: string): Promise<readonly Json[]> {
  return (await call('GET', `/~${t}/${noun}?strong=true&limit=100`)).body['results'] as readonly Json[]
}

/** Makes entities of the services' Nouns, in the states that a caller can bring them to. */
async function work(round: number): Promise<void> {
  const customer = await idOf('Customer', { name: 'Ada' })
  const [once, half] = [
    await idOf('Coupon', { name: `once ${round}`, amountOff: 100 }),
    await idOf('Coupon', { name: `half ${round}`, percentOff: 50 }),
  ]
  await post(`Coupon/${once}/archive`)
  const rate = await idOf('TaxRate', { displayName: 'VAT', percentage: 19 })
  await post(`TaxRate/${await idOf('TaxRate', { displayName: 'none', percentage: 0 })}/archive`)
  const draft = await idOf('Invoice', { customer })
  await idOf('LineItem', { invoice: draft, description: 'Work', unitAmount: 5_000, quantity: 2, taxRate: rate })
  await post(`Invoice/${draft}/finalize`)
  await post(`Invoice/${draft}/pay`)
  await post(`Invoice/${draft}/credit`, { amount: 300 })
  const [payment] = (await list('Payment')).filter(({ invoice }) => invoice === draft)
  for (const pending of [true, true, false])
    await post(`Payment/${String(payment?.['$id'])}/refund`, { amount: 100, pending })
  const price = await idOf('Price', { amount: 900, currency: 'USD', interval: 'Monthly' })
  const subscription = await idOf('Subscription', { customer, price })
  await idOf('SubscriptionItem', {
    subscription,
    price: await idOf('Price', { amount: 5, currency: 'USD', interval: 'Monthly' }),
    coupon: half,
  })
  if (round === 0) await idOf('Ledger', { name: 'Books' })
  await idOf('IncomingWebhook', { name: `orders ${round}`, scheme: 'GitHub' })
  await idOf('BankTransaction', {
    transactionId: `movement ${round}`,
    bookedAt: '2026-01-02T03:04:05Z',
    amount: 100,
    currency: 'USD',
  })
  await idOf('Webhook', { url: 'https://receiver.example/hook', events: ['Deal.*'] })
  await call('PUT', `/~${t}/functions/greet${round}`, { source: '() => 1' })
  const steps = [{ delay: '1w', action: 'Activity.create', subject: 'Ask' }]
  const workflow = await idOf('Workflow', { name: 'w', triggerEvent: 'Deal.Won', steps })
  await post(`Workflow/${workflow}/activate`)
  await post(`Workflow/${workflow}/trigger`, { input: {} })
}

/** A value that the argument accepts. */
function sampleOf({ fields }: NounSchema, name: string): unknown {
  const field = fields[name]
  if (field?.kind === 'enum') return field.values[0]
  const samples: Json = { number: 1, integer: 1, money: 1, boolean: true, datetime: '2026-01-02T03:04:05Z', json: {} }
  return field?.kind === 'data' ? (samples[field.type] ?? 'sample') : undefined
}

/** Runs the verb and returns its outcome. Fails if the outcome claims more than what happened. */
async function outcomeOf(
  noun: string,
  verb: string,
  { id, input }: { readonly id: string; readonly input: Json },
): Promise<string> {
  const read = async (): Promise<Answer> => call('GET', `/~${t}/${noun}/${id}?strong=true`)
  const before = await read()
  const answer = await call('POST', `/~${t}/${noun}/${id}/${verb}`, input)
  const place = `${noun}.${verb} ${JSON.stringify(input)}: ${answer.status}`
  const commit = answer.headers.get('x-headlessly-commit')
  if (answer.status >= 300 || answer.headers.get('x-headlessly-changed') === 'false') {
    expect(answer.status, place).not.toBe(500)
    // The server itself may have worked on a run in between.
    if (noun !== 'WorkflowRun') expect((await read()).body['$version'], place).toBe(before.body['$version'])
    return answer.status >= 300 ? String(answer.body['code']) : 'unchanged'
  }
  const events = (await call('GET', `/~${t}/commits/${commit}`)).body['events'] as readonly { changes: Json }[]
  expect(
    events.some(({ changes }) => Object.keys(changes).length > 0),
    `${place} changes nothing`,
  ).toBe(true)
  return 'changed'
}

test('each verb of the Nouns of services is refused and changes nothing, or changes what its event says', async () => {
  expect(nouns.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['AgentRun', 'CreditNote', 'Function', 'Refund', 'Webhook', 'WorkflowRun']),
  )
  const outcomes: Record<string, Set<string>> = {}
  for (const [round, noun] of nouns.entries()) {
    await work(round)
    for (const [name, { category, effect }] of Object.entries(noun.verbs)) {
      if (category !== 'custom') continue
      const { argumentsRequired = [], argumentsOnly = [] } = effect
      const names = [...argumentsRequired.map((one) => [one].flat()[0] ?? ''), ...argumentsOnly]
      const whole = Object.fromEntries(names.map((one) => [one, sampleOf(noun, one)]))
      const entities = await list(noun.name)
      expect(entities.length > 0, noun.name).toBe(!ofServer.has(noun.name))
      for (const { $id } of entities.slice(-3))
        for (const input of names.length === 0 ? [{}] : [{}, whole])
          (outcomes[`${noun.name}.${name}`] ??= new Set()).add(
            await outcomeOf(noun.name, name, { id: String($id), input }),
          )
    }
  }
  const found = Object.entries(outcomes).map(([name, some]) => [name, [...some].toSorted()] as const)
  expect(Object.fromEntries(found)).toMatchObject({
    'WorkflowRun.fail': ['changed'],
    'Function.disable': ['changed'],
    'Webhook.rotate': ['validation_error'],
    'Webhook.redeliver': ['changed', 'validation_error'],
    'Refund.succeed': ['changed', 'unchanged'],
    'CreditNote.payOut': ['forbidden'],
    'Coupon.redeem': ['forbidden'],
    'TaxRate.archive': ['changed', 'unchanged'],
  })
})
