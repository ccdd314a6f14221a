import { expect, test } from 'vitest'
import { figuresOf, looksWith, type ProcessFigures } from './hold-ups.ts'

function lookedAt(...all: readonly (ProcessFigures & { readonly atMs: number })[]) {
  let at = 0
  const current = (): ProcessFigures & { readonly atMs: number } => {
    const one = all[at]
    if (one === undefined) throw new Error('no more figures')
    return one
  }
  const look = looksWith({ figures: current, now: () => current().atMs })(1)
  return () => {
    at++
    return look()
  }
}

const idle = { busyMs: 100, waitedMs: 40, isOnDisk: false }

test('a process that waited for a processor most of the time, or waits for a disk, is held up', () => {
  const look = lookedAt(
    { ...idle, atMs: 0 },
    { busyMs: 130, waitedMs: 540, isOnDisk: false, atMs: 1_000 },
    { busyMs: 170, waitedMs: 1_241, isOnDisk: false, atMs: 2_000 },
    { busyMs: 170, waitedMs: 1_241, isOnDisk: true, atMs: 3_500 },
    { busyMs: 2_170, waitedMs: 1_300, isOnDisk: false, atMs: 5_500 },
  )
  expect(look()).toEqual({ elapsedMs: 1_000, usedMs: 30, isHeldUp: false })
  expect(look()).toEqual({ elapsedMs: 1_000, usedMs: 40, isHeldUp: true })
  expect(look()).toEqual({ elapsedMs: 1_500, usedMs: 0, isHeldUp: true })
  expect(look()).toEqual({ elapsedMs: 2_000, usedMs: 2_000, isHeldUp: false })
})

test('a system that says nothing holds nobody up', () => {
  const nothing = { busyMs: undefined, waitedMs: undefined, isOnDisk: false }
  const look = lookedAt({ ...nothing, atMs: 0 }, { ...nothing, atMs: 70 })
  expect(look()).toEqual({ elapsedMs: 70, usedMs: 0, isHeldUp: false })
})

test.runIf(process.platform === 'linux')('a process that computes uses a processor', () => {
  const before = figuresOf(process.pid)
  for (const end = performance.now() + 30; performance.now() < end;);
  const after = figuresOf(process.pid)
  expect(Number(after.busyMs)).toBeGreaterThan(Number(before.busyMs))
  expect(Number(after.waitedMs)).toBeGreaterThanOrEqual(Number(before.waitedMs))
  expect(after.isOnDisk).toBe(false)
})
