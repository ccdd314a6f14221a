// A refund whose request left more than a day ago, and whose answer was lost.

import type { ObjectEvent } from 'digital-objects'
import { expect, test } from 'vitest'
import { outboundHandler } from './outbound.ts'

const dayMs = 86_400_000
const key = 'headlessly-create-refund_1'
const outgoing = { object: 'refund', method: 'POST', path: '/v1/refunds', parameters: { payment_intent: 'pi_1' }, key }

async function send(made: readonly object[]): Promise<readonly string[]> {
  const values = new Map([[`stripe/sent/${key}`, JSON.stringify({ outgoing, atMs: 0 })]])
  const done: string[] = []
  const noted = (text: string) => (done.push(text), Promise.resolve(''))
  const entities: Record<string, object> = {
    payment_1: { stripePaymentId: 'pi_1' },
    refund_1: { payment: 'payment_1', amount: 500, status: 'Succeeded' },
  }
  const parts = {
    settings: () => ({ payments: { provider: 'stripe', connected: true } }),
    nouns: () => [{ idPrefix: 'refund', name: 'Refund' }],
    read: (id: string) => entities[id],
    values: () => ({
      get: (name: string) => (values.has(name) ? { key: name, value: values.get(name) } : undefined),
      delete: (name: string) => void values.delete(name),
    }),
    answer: () => Promise.resolve({ ok: true, body: '{}' }),
  }
  const mirror = {
    parts,
    api: { get: () => Promise.resolve({ data: made }), post: () => noted('post') },
    refresh: (_object: string, id: string) => noted(`refresh ${id}`),
    write: ({ verb }: { readonly verb: string }) => noted(verb),
  }
  const findings = { record: () => noted('finding') }
  const connection = { parts, isConnected: true, findings, run: (work: (of: unknown) => unknown) => work(mirror) }
  const event = { id: 'evt_1', type: 'Refund.Created', target: 'refund_1', actor: 'user_1', via: 'rest' }
  const data = entities['refund_1']
  await outboundHandler(connection as never, () => 2 * dayMs).run({ ...event, data } as unknown as ObjectEvent)
  expect(values.size).toBe(0)
  return done
}

test('a refund that Stripe has made is taken as it is, and one that it has not made fails', async () => {
  expect(await send([{ id: 're_1', metadata: { headlessly: 'refund_1' } }])).toEqual(['refresh re_1'])
  expect(await send([{ id: 're_2', metadata: { headlessly: 'refund_2' } }])).toEqual(['fail', 'finding'])
})
