import { expect, test } from 'vitest'
import { Slices } from './slices.ts'

const settings = { rowsPerSlice: 1_600, readMs: 1_000 }

function slicesAt(clock: { ms: number }): Slices {
  return new Slices({ settings, now: () => clock.ms, startMs: 0, check: () => {}, pause: () => Promise.resolve() })
}

test('a slice grows while its rows are cheap, up to the budget', async () => {
  const slices = slicesAt({ ms: 0 })
  const sizes: number[] = []
  for (let at = 0; at < 4; at++) {
    sizes.push(slices.rows)
    await slices.next({ examined: slices.rows, read: slices.rows })
  }
  expect(sizes).toEqual([100, 400, 1_600, 1_600])
})

test('a slice shrinks to the budget once SQLite reads many rows for each of its own, and has at least one', async () => {
  const slices = slicesAt({ ms: 0 })
  await slices.next({ examined: 100, read: 16_000 })
  expect(slices.rows).toBe(10)
  await slices.next({ examined: 10, read: 1_000_000 })
  expect(slices.rows).toBe(1)
})

test('a read that takes too long is refused with what it examined', async () => {
  const clock = { ms: 1_000 }
  const slices = slicesAt(clock)
  await slices.next({ examined: 100, read: 100 })
  clock.ms = 1_001
  await expect(slices.next({ examined: 400, read: 400 })).rejects.toMatchObject({
    code: 'scan_limit',
    field: 'filter',
    detail: { examined: 500 },
  })
})
