// Idempotency keys against a model: a replay gets the event of the first request, a refused write gives its key back, and
// keys expire, whatever the sweep has deleted.

import { expect, test } from 'vitest'
import { ObjectError } from 'digital-objects'
import { seededRandom } from '@dotdo/db'
import { futureMs, inFlushedStore, Maker, type Flushed } from '../../test/flushed-store.ts'

const day = 24 * 60 * 60 * 1_000
const tenant = { name: 'acme', context: 'http://localhost/~acme' }
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

interface Request {
  readonly actor: string
  readonly key: string
  readonly request: string
  readonly isRefused: boolean
}

/** Returns the event's `seq`, and whether the answer repeats that of an earlier request; or the code of the refusal. */
async function send({ store }: Flushed, { isRefused, ...idempotency }: Request): Promise<string> {
  const verb = Maker.verbs['create']
  if (verb === undefined) throw new Error('no create')
  try {
    const { row, isReplay } = await store.write(
      {
        schema: Maker,
        verb,
        kind: 'create',
        actor: idempotency.actor,
        via: 'rest',
        idempotency,
        decide: () => {
          if (isRefused) throw new ObjectError({ code: 'validation_error', message: 'refused' })
          return { name: idempotency.request }
        },
      },
      tenant,
    )
    return `${row.seq} ${isReplay}`
  } catch (error) {
    if (error instanceof ObjectError) return error.code
    throw error
  }
}

const uuid = 'sdk-0199c0de0000700080000000000000'
const keys = [
  'k',
  'another key',
  `${uuid}01`,
  `${uuid}02`,
  `${uuid}01.1`,
  '0199c0de-0000-7000-8000-000000000001',
] as const

test(`generated requests get the answers that a model gives (seed ${seed})`, () =>
  inFlushedStore(
    async (first) => {
      let flushed = first
      const random = seededRandom(seed)
      const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)] as Value
      const model = new Map<string, { readonly request: string; readonly seq: number; readonly atMs: number }>()
      let events = 0
      for (let step = 0; step < 400; step++) {
        // Whole seconds, because the store records seconds.
        flushed.clock.ms += Math.floor(random() * 3_600) * 1_000
        if (random() < 0.02) flushed.clock.ms += pick([day, 6 * day, 8 * day])
        if (random() < 0.05) await flushed.parts.runner.run('idempotency-keys')
        if (random() < 0.02) flushed = flushed.restart()
        const asked = {
          actor: pick(['user_1', 'user_2']),
          key: pick(keys),
          request: pick(['a', 'a', 'b']),
          isRefused: random() < 0.2,
        }
        const name = JSON.stringify([asked.actor, asked.key])
        const known = model.get(name)
        const isKept = known !== undefined && flushed.clock.ms - known.atMs <= 7 * day
        let expected: string
        if (isKept) expected = known.request === asked.request ? `${known.seq} true` : 'idempotency_mismatch'
        else if (asked.isRefused) expected = 'validation_error'
        else {
          events++
          expected = `${events} false`
          model.set(name, { request: asked.request, seq: events, atMs: flushed.clock.ms })
        }
        expect(await send(flushed, asked)).toBe(expected)
      }
      expect(flushed.store.events.head).toBe(events)
      flushed.clock.ms += 9 * day
      for (let run = 0; run < 3; run++) await flushed.parts.runner.run('idempotency-keys')
      expect(flushed.storage.sql.exec('SELECT count(*) AS count FROM idempotency_keys').one()).toEqual({ count: 0 })
    },
    { startMs: futureMs },
  ))

test('a sweep examines a limited number of keys at a time, and deletes only expired ones', () =>
  inFlushedStore(
    async (flushed) => {
      const { storage, clock, parts } = flushed
      await send(flushed, { actor: 'user_1', key: 'first', request: 'a', isRefused: false })
      clock.ms += 5 * day
      await send(flushed, { actor: 'user_1', key: 'second', request: 'a', isRefused: false })
      const old = Math.floor(futureMs / 1_000)
      storage.sql.exec(
        `WITH RECURSIVE n(at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < 2500)
         INSERT INTO idempotency_keys SELECT randomblob(16), randomblob(8), at, ${old} FROM n`,
      )
      // The first key alone made the sweep due.
      clock.ms += 3 * day + 1_000
      const counts: number[] = []
      for (let step = 0; step < 3; step++) {
        await parts.runner.run('idempotency-keys')
        counts.push(storage.sql.exec<{ count: number }>('SELECT count(*) AS count FROM idempotency_keys').one().count)
      }
      expect(counts.slice(2)).toEqual([1])
      expect(counts[0]).toBeGreaterThan(1_000)
      expect(parts.idempotency.sweepDueMs).toBeGreaterThan(clock.ms)
      expect(await send(flushed, { actor: 'user_1', key: 'second', request: 'a', isRefused: false })).toBe('2 true')
    },
    { startMs: futureMs },
  ))

test('a request of the owner that an earlier version stored under `anonymous` is found', () =>
  inFlushedStore(async (flushed) => {
    for (const key of keys) {
      const request = { key, request: 'r', isRefused: false }
      const before = await send(flushed, { ...request, actor: 'anonymous' })
      expect(await send(flushed, { ...request, actor: 'owner' })).toBe(before.replace('false', 'true'))
    }
  }))
