// A refund whose request was not answered, for a day or until it was given up.

import type { AfterHandler } from '@dotdo/service'
import type { ObjectEvent } from 'digital-objects'
import { expect, test } from 'vitest'
import { outboundHandler } from './outbound.ts'

const dayMs = 86_400_000
const key = 'headlessly-create-refund_1'
const outgoing = { object: 'refund', method: 'POST', path: '/v1/refunds', parameters: { payment_intent: 'pi_1' }, key }

interface Sent {
  /** When the request first left, if its answer was lost. */
  readonly recordedMs?: number
  /** Refunds that Stripe lists. */
  readonly listed?: readonly object[]
}

async function handled(
  { recordedMs, listed = [] }: Sent,
  handle: (handler: AfterHandler, event: ObjectEvent) => Promise<void> | undefined,
): Promise<{ readonly done: readonly string[]; readonly recorded: number }> {
  const record = JSON.stringify({ outgoing, atMs: recordedMs })
  const values = new Map(recordedMs === undefined ? [] : [[`stripe/sent/${key}`, record]])
  const done: string[] = []
  const noted = (text: string) => (done.push(text), Promise.resolve(''))
  const entities: Record<string, object> = {
    payment_1: { stripePaymentId: 'pi_1' },
    refund_1: { payment: 'payment_1', amount: 500, status: 'Succeeded' },
  }
  const parts = {
    settings: () => ({ payments: { provider: 'stripe', connected: true } }),
    nouns: () => [{ idPrefix: 'refund', name: 'Refund' }],
    lookup: () => ({ verbs: { fail: { name: 'fail' } } }),
    read: (id: string) => entities[id],
    values: () => ({
      get: (name: string) => (values.has(name) ? { key: name, value: values.get(name) } : undefined),
      put: (value: { readonly key: string; readonly value: string }) => void values.set(value.key, value.value),
      delete: (name: string) => void values.delete(name),
    }),
    write: (make: () => { readonly verb: { readonly name: string } }) =>
      noted(make().verb.name).then(() => ({ row: { target: 'refund_1' } })),
    answer: ({ body }: { readonly body: string }) => noted(body).then(() => ({ ok: true, body: '{}' })),
  }
  const mirror = {
    parts,
    api: { get: () => Promise.resolve({ data: listed }), post: () => noted('post') },
    refresh: (_object: string, id: string) => noted(`refresh ${id}`),
  }
  const findings = { record: () => noted('finding'), settle: () => Promise.resolve() }
  const hints = { put: ({ id }: { readonly id: string }) => void done.push(`hint ${id}`) }
  const connection = { parts, isConnected: true, findings, run: (work: (of: unknown) => unknown) => work(mirror) }
  const event = { id: 'evt_1', type: 'Refund.Created', target: 'refund_1', actor: 'user_1', via: 'rest' }
  const data = entities['refund_1']
  const handler = outboundHandler({ connection: connection as never, hints, now: () => 2 * dayMs })
  await handle(handler, { ...event, data } as unknown as ObjectEvent)
  return { done, recorded: values.size }
}

const run = (handler: AfterHandler, event: ObjectEvent) => handler.run(event)
const giveUp = (handler: AfterHandler, event: ObjectEvent) => handler.gaveUp?.(event, 'the connection was lost')
const note = (refused: string): string => JSON.stringify({ metadata: { stripe: { refused } } })

test('a refund that Stripe has made is taken as it is, and one that it has not made fails', async () => {
  const made = [{ id: 're_1', metadata: { headlessly: 'refund_1' } }]
  expect(await handled({ recordedMs: 0, listed: made }, run)).toEqual({ done: ['refresh re_1'], recorded: 0 })
  const others = [{ id: 're_2', metadata: { headlessly: 'refund_2' } }]
  const message = 'it was sent a day ago, and whether Stripe has done it is unknown: compare both sides'
  expect(await handled({ recordedMs: 0, listed: others }, run)).toEqual({
    done: [note(message), 'finding', 'fail'],
    recorded: 0,
  })
})

test('a refund that was given up fails only if no request of it can have reached Stripe', async () => {
  expect((await handled({}, giveUp)).done).toEqual([
    note('Stripe could not be asked: the connection was lost'),
    'finding',
    'fail',
  ])
  expect(await handled({ recordedMs: dayMs }, giveUp)).toEqual({
    done: [note('whether Stripe has done it is unknown: the connection was lost'), 'finding'],
    recorded: 1,
  })
})
