// The front page counts what it can in time, whatever its tenants do.

import { createExecutionContext, env as testEnv } from 'cloudflare:test'
import { formatAnswer } from 'objects.do'
import { afterEach, expect, test, vi } from 'vitest'
import { makeApp } from '../app.ts'
import type { Env } from '../base/env.ts'

const status = (entities: object): string =>
  formatAnswer({ ok: true, body: JSON.stringify({ events: 7, entities }), bookmark: '', source: 'object' })

/** Every tenant's answer by its name. */
const answers: Readonly<Record<string, () => Promise<string>>> = {
  busy: () => new Promise(() => {}),
  broken: () => Promise.reject(new Error('it broke')),
  refusing: () =>
    Promise.resolve(formatAnswer({ ok: false, error: { code: 'overloaded', message: 'x' }, bookmark: '' })),
}
const asked: string[] = []

/** A server with these tenants, of which those with `deleting` in their names are being deleted. */
function serverWith(names: readonly string[]): Env {
  const tenants = names.map((name) => ({ name, createdAtMs: 0, isBeingDeleted: name.includes('deleting') }))
  const registry = {
    list: () => Promise.resolve({ tenants, hasMore: false, isComplete: true }),
    find: () => Promise.resolve('present'),
  }
  const tenant = (name: string) => ({
    answer: () => {
      asked.push(name)
      return (answers[name] ?? (() => Promise.resolve(status({ Contact: 3, Deal: 1 }))))().then(
        (text) => `${text.length}\n${text}`,
      )
    },
  })
  return {
    ...(testEnv as object),
    REGISTRY: { getByName: () => registry },
    TENANTS: { getByName: tenant },
  } as unknown as Env
}

interface Front {
  readonly tenants: { readonly results: readonly { name: string; counts?: object }[] }
}

async function front(names: readonly string[]): Promise<Front['tenants']['results']> {
  const answer = await makeApp([]).fetch(new Request('http://localhost/'), serverWith(names), createExecutionContext())
  expect(answer.status).toBe(200)
  return (await answer.json<Front>()).tenants.results
}

afterEach(() => {
  asked.length = 0
  vi.restoreAllMocks()
})

test('a tenant that is busy, broken or refuses is listed without counts, and the others with theirs', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  const counts = { entities: 4, events: 7 }
  expect(await front(['acme', 'broken', 'busy', 'is-deleting', 'refusing', 'zeta'])).toMatchObject([
    { name: 'acme', counts },
    { name: 'broken' },
    { name: 'busy' },
    { name: 'refusing' },
    { name: 'zeta', counts },
  ])
  expect(log.mock.calls.map(([line]) => String(line))).toEqual([expect.stringContaining('it broke')])
})

test('ten tenants are counted, and all fifty of a page are listed', async () => {
  const names = Array.from({ length: 50 }, (_, at) => `tenant-${at}`)
  const results = await front(names)
  expect(results.map(({ name }) => name)).toEqual(names)
  expect(results.filter(({ counts }) => counts !== undefined)).toHaveLength(10)
  expect(asked).toHaveLength(10)
})
