import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SliceSlots } from './slice-slots.ts'

interface Slice {
  readonly work: number
  readonly startMs: number
  readonly endMs: number
}

/** A thread whose time passes while it works, and jumps to the next timer while it does not. */
class Thread {
  ms = 1_000
  readonly slices: Slice[] = []
  readonly #timers: { readonly atMs: number; readonly wake: () => void }[] = []
  readonly slots = new SliceSlots({
    now: () => this.ms,
    sleep: (ms) => new Promise((wake) => this.#timers.push({ atMs: this.ms + ms, wake })),
  })

  /** Starts a work whose slices take these times. */
  async work(name: number, times: readonly number[]): Promise<void> {
    const pause = this.slots.pausing()
    for (const ms of times) {
      await pause()
      const startMs = this.ms
      this.ms += ms
      this.slices.push({ work: name, startMs, endMs: this.ms })
    }
  }

  /** Lets time pass until no work is left. */
  async run(): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      const next = this.#timers.toSorted((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined) return
      this.#timers.splice(this.#timers.indexOf(next), 1)
      this.ms = Math.max(this.ms, next.atMs)
      next.wake()
    }
  }
}

test('slices of several works never follow each other without a rest', async () => {
  const slices = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(fc.array(slices, { minLength: 1, maxLength: 6 }), async (works) => {
      const thread = new Thread()
      for (const [work, times] of works.entries()) void thread.work(work, times)
      await thread.run()
      expect(thread.slices).toHaveLength(works.flat().length)
      const done = works.map(() => 0)
      for (const [at, { work, startMs }] of thread.slices.entries()) {
        const before = thread.slices[at - 1]
        // The end of a work's last slice is not seen.
        const isSeen = before !== undefined && (done[before.work] ?? 0) < (works[before.work] ?? []).length
        if (isSeen) expect(startMs - before.endMs).toBeGreaterThan(0)
        done[work] = (done[work] ?? 0) + 1
      }
    }),
  )
})

test('works take turns, and a work that was cut off holds up nobody', async () => {
  const thread = new Thread()
  thread.slots
    .pausing()()
    .catch(() => {})
  for (const [work, count] of [20, 20, 3].entries()) void thread.work(work, Array(count).fill(10))
  await thread.run()
  expect(thread.slices.slice(0, 9).map(({ work }) => work)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2])
  expect(thread.slices).toHaveLength(43)
  expect(thread.ms - 1_000).toBeLessThan(44 * 13)
})

test('a clock that jumps delays a work by no more than its slices take', async () => {
  for (const jump of [-400 * 86_400_000, 400 * 86_400_000]) {
    const thread = new Thread()
    void thread.work(0, Array(3).fill(10))
    await thread.run()
    thread.ms += jump
    const startMs = thread.ms
    void thread.work(0, Array(3).fill(10))
    await thread.run()
    expect(thread.slices).toHaveLength(6)
    expect(thread.ms - startMs).toBeLessThan(60)
  }
})
