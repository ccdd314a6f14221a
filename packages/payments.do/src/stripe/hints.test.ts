// Hints wait for their time, each for its own.

import { seededRandom } from '@dotdo/db'
import { expect, test } from 'vitest'
import { Hints } from './hints.ts'

function memoryValues(): object {
  const values = new Map<string, string>()
  const of = (prefix: string): readonly string[] =>
    [...values.keys()].filter((key) => key.startsWith(prefix)).toSorted()
  return {
    get: (key: string) => (values.has(key) ? { key, value: values.get(key) } : undefined),
    put: ({ key, value }: { readonly key: string; readonly value: string }) => void values.set(key, value),
    delete: (key: string) => void values.delete(key),
    count: (prefix: string) => of(prefix).length,
    list: ({ prefix, limit }: { readonly prefix: string; readonly limit: number }) =>
      of(prefix)
        .slice(0, limit)
        .map((key) => ({ key, value: values.get(key) })),
  }
}

test('a hint is due at its time however many wait for longer, and one that is done or repeated leaves nothing', () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
  const random = seededRandom(seed)
  const hints = new Hints((() => memory) as never, {} as never)
  const memory = memoryValues()
  const ids = Array.from({ length: 300 }, (_, index) => `in_${index}`)
  for (const id of ids) hints.put({ object: 'invoice', id, event: 'evt_1', nowMs: 0 })
  expect(hints.due(299, 1)).toEqual([])
  // Most of them cannot be fetched, and wait.
  for (let hint = hints.due(300, 1)[0]; hint !== undefined && hints.nextMs === 300; hint = hints.due(300, 1)[0])
    if (random() < 0.9) hints.postpone(hint, 300)
    else hints.done(hint)
  const waiting = hints.count
  expect(hints.due(300, 20), `seed ${seed}`).toEqual([])
  hints.put({ object: 'refund', id: 're_1', event: 'evt_2', created: 7, nowMs: 301 })
  // It waits no longer for what is said of it meanwhile.
  for (const nowMs of [400, 600]) hints.put({ object: 'refund', id: 're_1', event: 'evt_3', nowMs })
  expect(hints.due(600, 20)).toEqual([])
  expect(hints.due(601, 20)).toMatchObject([{ id: 're_1', event: 'evt_3', created: 7 }])
  expect(hints.count).toBe(waiting + 1)
  for (const hint of hints.due(601, 20)) hints.done(hint)
  expect(hints.count).toBe(waiting)
  const later = hints.due(60_000, 1_000)
  expect(later).toHaveLength(waiting)
  for (const hint of later) hints.done(hint)
  expect([hints.count, hints.nextMs]).toEqual([0, undefined])
})
