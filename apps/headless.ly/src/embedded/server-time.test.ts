// Jumps of the system's clock: which are followed, which are not, and what the operator reads.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ServerTime } from './server-time.ts'

const [minute, day] = [60_000, 86_400_000]
const startMs = Date.parse('2026-06-01T00:00:00Z')

function makeTime() {
  const clock = { wallMs: startMs, monotonicMs: 500 }
  const lines: string[] = []
  let timesSetBack = 0
  const time = new ServerTime({
    warn: (line) => lines.push(line),
    setBack: () => timesSetBack++,
    wall: () => clock.wallMs,
    monotonic: () => clock.monotonicMs,
  })
  return {
    lines,
    timesSetBack: () => timesSetBack,
    /** Real time that passes, while the system's clock is also set by `jumpMs`. Returns the server's time. */
    pass(realMs: number, jumpMs = 0): number {
      clock.wallMs += realMs + jumpMs
      clock.monotonicMs += realMs
      return clock.wallMs - time.offsetMs()
    },
  }
}

test('a jump of 400 days forward and back leaves the time of the server as it was', () => {
  const { pass, lines, timesSetBack } = makeTime()
  expect(pass(1_000)).toBe(startMs + 1_000)
  expect(pass(1_000, 400 * day)).toBe(startMs + 2_000)
  expect(pass(minute)).toBe(startMs + 2_000 + minute)
  expect(timesSetBack()).toBe(0)
  expect(pass(1_000, -400 * day)).toBe(startMs + 3_000 + minute)
  expect(timesSetBack()).toBe(1)
  expect(lines).toEqual([
    expect.stringContaining('the system clock jumped forward by 400.0 days'),
    'the system clock agrees with the time of this server again',
  ])
})

test('a clock that is set back by years is not followed either', () => {
  const { pass, lines, timesSetBack } = makeTime()
  expect(pass(1_000, -3 * 365 * day)).toBe(startMs + 1_000)
  expect(lines).toEqual([expect.stringContaining('jumped back by 1095.0 days')])
  expect(timesSetBack()).toBe(1)
})

test('sleep of a machine, corrections of its clock and slow drift are followed', () => {
  const { pass, lines } = makeTime()
  expect(pass(1_000, 20 * day)).toBe(startMs + 1_000 + 20 * day)
  expect(pass(1_000, -2 * minute)).toBe(startMs + 2_000 + 20 * day - 2 * minute)
  let drifted = 0
  for (let at = 0; at < 1_000; at++) drifted = pass(minute, -minute / 10)
  expect(drifted).toBe(startMs + 2_000 + 20 * day - 2 * minute + 900 * minute)
  expect(lines).toEqual([])
})

test('whatever jumps come, the time of the server stays within the bounds of the real one', () => {
  const jump = fc.integer({ min: -4_000 * day, max: 4_000 * day }).filter((ms) => Math.abs(ms) > 31 * day)
  fc.assert(
    fc.property(fc.array(fc.record({ realMs: fc.integer({ min: 1, max: day }), jump })), (steps) => {
      const { pass } = makeTime()
      let [realMs, jumpedMs] = [startMs, 0]
      for (const step of steps) {
        realMs += step.realMs
        // Jumps that together come back to the true time are real corrections.
        jumpedMs += step.jump
        const isNear = jumpedMs <= 31 * day && jumpedMs >= -5 * minute
        const shown = pass(step.realMs, step.jump)
        if (!isNear) expect(shown).toBe(realMs)
        else return
      }
    }),
  )
})
