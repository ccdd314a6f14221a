// Room on the disk that is left to those who work here: events of strangers are refused while writes of callers continue.

import { createExecutionContext, env as testEnv } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { makeApp } from '../app.ts'
import type { Env } from './env.ts'
import { services } from './services.ts'

const neededBytes = 1_000
const app = makeApp(services)

/** The environment of a server whose launcher reports this room. */
function envWith(freeBytes: number): Env {
  const isFull = freeBytes < neededBytes
  const report = { isFull, isExhausted: false, freeBytes, neededBytes, isDamaged: false, clockOffsetMs: 0 }
  const launcher = { fetch: () => Promise.resolve(Response.json(report)) }
  const env: Env = testEnv
  return Object.assign({}, env, { LAKE_SYNC: launcher })
}

async function post(env: Env, path: string, body: object): Promise<{ status: number; body: Record<string, unknown> }> {
  const request = new Request(`http://localhost/~strangers${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = await app.fetch(request, env, createExecutionContext())
  return { status: answer.status, body: await answer.json<Record<string, unknown>>() }
}

test('a batch of strangers does not reach the tenant below four times the room that writes need, which callers may use', async () => {
  const roomy = envWith(1_000_000)
  const { body } = await post(roomy, '/ApiKey', { name: 'page', kind: 'Public', scopes: 'write:Event' })
  const ingest = async (freeBytes: number, id: string) => {
    const events = [{ id, type: 'seen' }]
    return post(envWith(freeBytes), `/ingest?key=${String(body['key'])}`, { events })
  }
  const rooms = [1_000, 1_500, 3_999, 4_000, 4_001, 50_000]
  for (const [at, freeBytes] of rooms.entries()) {
    const { status, body: answered } = await ingest(freeBytes, `event-number-${at}`)
    // A tenant of these tests has no events.do, so its object is what refuses a batch for which there is room.
    const expected = freeBytes < 4 * neededBytes ? [507, 'storage_full'] : [503, 'overloaded']
    expect([freeBytes, status, answered['code']]).toEqual([freeBytes, ...expected])
    expect([freeBytes, (await post(envWith(freeBytes), '/Contact', { name: 'Ada' })).status]).toEqual([freeBytes, 201])
  }
})
