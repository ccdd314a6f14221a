// A server without an optional binding refuses what needs it, and does the rest: no request ends in an internal error.

import { createExecutionContext, env as testEnv } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { makeApp } from '../app.ts'
import { bindings } from './bindings.ts'
import type { Env } from './env.ts'
import { services } from './services.ts'

const app = makeApp(services)
const optional = Object.entries(bindings).flatMap(([name, { isRequired }]) => (isRequired ? [] : [name]))

interface Asked {
  readonly method?: string
  readonly path: string
  readonly body?: unknown
  readonly type?: string
}

/** A request of each part of the server that a binding may be missing for. */
const requests: readonly Asked[] = [
  { path: '/' },
  { path: '/~bound/status' },
  { path: '/~bound/Contact' },
  { path: '/~bound/Contact', body: { name: 'Ada' } },
  { path: '/~bound/payments/status' },
  { path: '/~bound/bank/statements', type: 'application/xml', body: '<Document/>' },
  { path: '/~bound/import/Contact', type: 'text/csv', body: 'name\nBo\n' },
]

async function ask(env: Env, { path, method, body, type = 'application/json' }: Asked): Promise<[number, string]> {
  const init =
    body === undefined
      ? { method: method ?? 'GET' }
      : {
          method: method ?? 'POST',
          headers: { 'content-type': type },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }
  const answer = await app.fetch(new Request(`http://localhost${path}`, init), env, createExecutionContext())
  return [answer.status, await answer.text()]
}

test('without any one of the optional bindings, and without all of them, no request ends in an internal error', async () => {
  const whole: Env = testEnv
  const [status, text] = await ask(whole, {
    path: '/~bound/ApiKey',
    body: { name: 'page', kind: 'Public', scopes: 'write:Event' },
  })
  expect(status).toBe(201)
  const { key } = JSON.parse(text) as { readonly key: string }
  const faults: string[] = []
  for (const absent of [[], ...optional.map((name) => [name]), optional]) {
    const env = Object.fromEntries(Object.entries(whole).filter(([name]) => !absent.includes(name))) as unknown as Env
    const label = absent.length > 1 ? 'all' : (absent[0] ?? 'none')
    const event = {
      path: `/~bound/ingest?key=${key}`,
      body: { events: [{ id: `event-without-${label}`, type: 'seen' }] },
    }
    for (const asked of [event, ...requests]) {
      const [is, body] = await ask(env, asked)
      if (is === 500) faults.push(`${asked.path} without ${label}: ${body.slice(0, 300)}`)
    }
  }
  expect(faults).toEqual([])
})
