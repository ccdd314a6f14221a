import { createHmac } from 'node:crypto'
import type { ObjectParts } from '@dotdo/service'
import type { CallOf } from 'digital-objects'
import { expect, test } from 'vitest'
import { receive } from './receive.ts'

const secret = 'a secret of the sender'
const nowMs = Date.UTC(2026, 0, 1)

test.each([
  ['Stripe', { id: 'evt_1' }, { id: 'evt_2' }],
  ['Slack', { event_id: 'Ev1' }, { event_id: 'Ev2' }],
])('what %s sends again with a newer timestamp has the key of the first delivery', async (scheme, one, other) => {
  const keys: (string | undefined)[] = []
  const parts = {
    read: () => ({ scheme, status: 'Active', name: 'x', secretName: `incoming-${'0'.repeat(24)}` }),
    secret: () => Promise.resolve(secret),
    answer: (call: CallOf<'write'>) => {
      keys.push(call.idempotencyKey)
      return Promise.resolve({ ok: true, body: '{"$id":"event_1"}' })
    },
  } as unknown as ObjectParts // what `receive` uses of them
  const send = (fields: object, agoSeconds: number) => {
    const body = JSON.stringify({ type: 'x', ...fields })
    const t = String(nowMs / 1_000 - agoSeconds)
    const sign = (text: string): string => createHmac('sha256', secret).update(text).digest('hex')
    const headers = {
      'content-type': 'application/json',
      'stripe-signature': `t=${t},v1=${sign(`${t}.${body}`)}`,
      'x-slack-request-timestamp': t,
      'x-slack-signature': `v0=${sign(`v0:${t}:${body}`)}`,
    }
    return receive({ parts, now: () => nowMs }, { id: 'incomingwebhook_1', body, headers })
  }
  await send(one, 60)
  await send(one, 0)
  await send(other, 0)
  expect(keys[0]).toBeDefined()
  expect(keys[1]).toBe(keys[0])
  expect(keys[2]).not.toBe(keys[0])
})

test('an equal delivery of a sender without names counts once in an hour, and again after it', async () => {
  const kept = new Map<string, number>()
  const keys: (string | undefined)[] = []
  let clockMs = nowMs
  const parts = {
    read: () => ({ scheme: 'Hmac', status: 'Active', name: 'x', secretName: `incoming-${'0'.repeat(24)}` }),
    secret: () => Promise.resolve(secret),
    values: () => ({
      get: (key: string) => ((kept.get(key) ?? 0) > clockMs ? { key } : undefined),
      count: () => kept.size,
      put: ({ key, endsMs }: { key: string; endsMs: number }) => void kept.set(key, endsMs),
    }),
    answer: (call: CallOf<'write'>) => {
      keys.push(call.idempotencyKey)
      return Promise.resolve({ ok: true, body: '{"$id":"event_1"}' })
    },
  } as unknown as ObjectParts // what `receive` uses of them
  const body = '{"type":"x"}'
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  const headers = { 'content-type': 'application/json', 'x-signature-256': `sha256=${signature}` }
  const send = () => receive({ parts, now: () => clockMs }, { id: 'incomingwebhook_1', body, headers })
  expect(await send()).toMatchObject({ isDuplicate: false })
  clockMs += 3_599_000
  expect(await send()).toMatchObject({ isDuplicate: true })
  clockMs += 2_000
  expect(await send()).toMatchObject({ isDuplicate: false })
  expect(keys).toHaveLength(2)
  expect(keys[1]).not.toBe(keys[0])
})
