// The watchdog with processes that are made up, under a clock of its own.

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Look } from './hold-ups.ts'
import { watch } from './watchdog.ts'
import type { WorkerdProcess } from './workerd-process.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

interface Probe {
  readonly isAnswered?: boolean
  readonly isAtWork?: boolean
  readonly look?: Partial<Look>
}

/** Watches a process through probes, one a second, and returns the number of the probe that killed it. */
async function killedAt(probes: readonly Probe[]): Promise<number | undefined> {
  let [at, io, started, killed] = [0, 0, 0, undefined as number | undefined]
  const start = (): Promise<WorkerdProcess> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const pid = ++started
    const kill = (): void => {
      killed ??= at
      resolve()
    }
    return Promise.resolve({ pid, port: 1, ended: promise, kill, stop: () => Promise.resolve(resolve()) })
  }
  const watchdog = await watch({
    start,
    answers: () => Promise.resolve(probes[at++]?.isAnswered ?? false),
    ioCount: () => (io += probes[at - 1]?.isAtWork === true ? 1 : 0),
    looks: () => () => ({ elapsedMs: 1_000, usedMs: 0, isHeldUp: false, ...probes[at - 1]?.look }),
    warn: () => {},
    port: 1,
  })
  for (let probe = 0; probe < probes.length && killed === undefined; probe++) await vi.advanceTimersByTimeAsync(1_000)
  await watchdog.stop()
  return killed
}

const many = (count: number, probe: Probe): readonly Probe[] => Array.from({ length: count }, () => probe)
const heldUp = { look: { isHeldUp: true } }

test('a process that neither answers nor works is killed at the fifth probe', async () => {
  expect(await killedAt(many(20, {}))).toBe(5)
  expect(
    await killedAt([...many(4, {}), { isAnswered: true }, ...many(4, {}), { isAtWork: true }, ...many(4, {})]),
  ).toBe(undefined)
})

test('a process that waits for a processor or a disk is left alone, and counted again once it does not', async () => {
  expect(await killedAt([...many(60, heldUp), { isAnswered: true }])).toBe(undefined)
  expect(await killedAt([...many(2, {}), ...many(50, heldUp), ...many(9, {})])).toBe(55)
})

test('a process that computes for 5 s of its own time and does nothing else is killed, however slowly it gets them', async () => {
  expect(await killedAt(many(100, { look: { isHeldUp: true, usedMs: 100 } }))).toBe(50)
})

test('a process that answers nobody for 120 probes is killed, whatever it does', async () => {
  expect(await killedAt(many(200, { isAtWork: true }))).toBe(120)
  expect(await killedAt(many(200, heldUp))).toBe(120)
})
