import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PastValues } from './past-values.ts'

interface Event {
  readonly atMs: number
  readonly effectiveMs: number | undefined
}

/** A log whose value at a time is the number of events that happened before it. */
class Log {
  readonly events: Event[] = []
  definitions = {}
  readonly values: PastValues

  constructor() {
    const sql = {
      exec: (_: string, seq: number) => ({
        one: () => {
          const late = this.events.slice(seq).flatMap(({ effectiveMs }) => effectiveMs ?? [])
          return { earliest: late.length === 0 ? null : Math.min(...late) }
        },
      }),
    }
    this.values = new PastValues({
      sql: sql as unknown as SqlStorage, // the one query of the class
      log: this.#log(),
      definitions: () => this.definitions,
    })
  }

  #log(): { readonly head: number; readonly timestampOf: (seq: number) => number | undefined } {
    const { events } = this
    return {
      get head() {
        return events.length
      },
      timestampOf: (seq) => events[seq - 1]?.atMs,
    }
  }

  valueAt(timeMs: number, knownSeq = this.events.length): number {
    return this.events.slice(0, knownSeq).filter(({ atMs, effectiveMs }) => (effectiveMs ?? atMs) < timeMs).length
  }
}

test('a kept value is what computing it again returns, whatever was committed meanwhile', () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ afterMs: fc.nat(5), lateMs: fc.option(fc.integer({ min: 1, max: 40 }), { freq: 2 }) }),
    },
    { weight: 12, arbitrary: fc.record({ timeMs: fc.nat(20), behind: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.constant({}) },
  )
  let found = 0
  fc.assert(
    fc.property(fc.array(step, { minLength: 30, maxLength: 60 }), (steps) => {
      const log = new Log()
      for (const one of steps) {
        const last = log.events.at(-1)?.atMs ?? 0
        if ('afterMs' in one) {
          const atMs = last + one.afterMs
          log.events.push({ atMs, effectiveMs: one.lateMs === null ? undefined : atMs - one.lateMs })
        } else if ('timeMs' in one) {
          const name = String(one.timeMs)
          const kept = log.values.get('level', name)
          if (kept !== undefined) found++
          const expected = log.valueAt(one.timeMs)
          if (kept !== undefined) expect(kept).toBe(expected)
          // A read in slices computes from an earlier state.
          const knownSeq = Math.max(0, log.events.length - one.behind)
          const value = log.valueAt(one.timeMs, knownSeq)
          log.values.keep('level', name, { atMs: one.timeMs, value, knownSeq })
        } else log.definitions = {}
      }
    }),
    { numRuns: 300 },
  )
  expect(found).toBeGreaterThan(100)
})
