import { ObjectError } from 'digital-objects'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ThreadTurns } from './thread-turns.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A thread whose time passes only while it works or rests. */
class Thread {
  /** Work in the order in which it started; 'rest' stands for a pause. */
  readonly done: string[] = []
  readonly turns = new ThreadTurns({
    now: () => Date.now(),
    rest: async () => {
      this.done.push('rest')
      await new Promise((resolve) => setTimeout(resolve, 1))
    },
  })

  /** Synchronous work, as a read in a tenant's object. */
  work(tenant: string, ms: number): Promise<string> {
    const working = this.turns.run(tenant, () => {
      this.done.push(tenant)
      vi.setSystemTime(Date.now() + ms)
      return tenant
    })
    working.catch(() => {})
    return working
  }
}

/** Lets time pass until all work is settled. Returns 'done', or the code of the refusal. */
async function outcomesOf(works: readonly Promise<string>[]): Promise<readonly string[]> {
  let isSettled = false
  const outcomes = Promise.allSettled(works).finally(() => void (isSettled = true))
  while (!isSettled) await (vi.getTimerCount() > 0 ? vi.advanceTimersToNextTimerAsync() : Promise.resolve())
  return (await outcomes).map((one) => (one.status === 'fulfilled' ? 'done' : (one.reason as ObjectError).code))
}

test('work of a tenant that asks for little starts at once', async () => {
  const thread = new Thread()
  for (let at = 0; at < 20; at++) {
    await thread.work('acme', 1)
    await vi.advanceTimersByTimeAsync(2)
  }
  expect(thread.done).not.toContain('rest')
  let isDone = false
  void thread.turns.run('acme', () => void (isDone = true))
  expect(isDone).toBe(true)
})

test('a neighbour starts at once, and its heavy work takes turns with that of a busy tenant', async () => {
  const thread = new Thread()
  const busy = Array.from({ length: 50 }, () => thread.work('busy', 40))
  const small = thread.work('neighbour', 1)
  expect(thread.done).toEqual(['busy', 'neighbour'])
  const heavy = Array.from({ length: 10 }, () => thread.work('neighbour', 40))
  expect(await outcomesOf([...busy, small, ...heavy])).not.toContain('overloaded')
  const order = thread.done.filter((name) => name !== 'rest')
  expect(order.lastIndexOf('neighbour')).toBeLessThan(25)
})

test('the thread rests after each heavy work while others wait', async () => {
  const thread = new Thread()
  await outcomesOf(Array.from({ length: 5 }, () => thread.work('busy', 40)))
  expect(thread.done.join(' ')).toMatch(/^busy( rest rest rest rest busy){3} rest busy$/)
})

test('a queue has a limit in requests and one in work, and a refusal says when to try again', async () => {
  const thread = new Thread()
  for (const [tenant, ms, requests] of [
    ['many', 1, 1_200],
    ['heavy', 1_000, 12],
  ] as const) {
    for (let at = 0; at < 20; at++) await outcomesOf([thread.work(tenant, ms)])
    const works = Array.from({ length: requests }, () => thread.work(tenant, ms))
    const refused = await Promise.allSettled(works.slice(-1))
    expect(refused).toMatchObject([
      { reason: { code: 'overloaded', detail: { retryAfterSeconds: tenant === 'many' ? 2 : 5 } } },
    ])
    expect((await outcomesOf(works)).filter((one) => one === 'done').length).toBeGreaterThan(3)
  }
})

test('requests that would wait too long are refused, and later ones are done again', async () => {
  const thread = new Thread()
  const works = Array.from({ length: 800 }, () => thread.work('busy', 40))
  const outcomes = await outcomesOf(works)
  expect(outcomes.filter((one) => one === 'done').length).toBeGreaterThan(80)
  expect(outcomes.filter((one) => one === 'overloaded').length).toBeGreaterThan(500)
  const [refused] = await Promise.allSettled(works.slice(-1))
  expect(refused).toMatchObject({ reason: { detail: { retryAfterSeconds: expect.any(Number) } } })
  expect(await outcomesOf([thread.work('busy', 40)])).toEqual(['done'])
})

test('work that waits for a disk does not hold up others for long, and failed work frees its turn', async () => {
  const thread = new Thread()
  void thread.turns.run('stuck', () => new Promise<never>(() => {}))
  const behind = Array.from({ length: 20 }, () => thread.work('stuck', 20))
  expect(await outcomesOf(behind)).toEqual(behind.map(() => 'done'))
  await expect(thread.turns.run('faulty', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(await outcomesOf([thread.work('faulty', 1)])).toEqual(['done'])
})

test('a clock that is set back or forward stops nobody', async () => {
  const thread = new Thread()
  for (const jump of [-400 * 86_400_000, 800 * 86_400_000]) {
    const works = Array.from({ length: 10 }, () => thread.work('busy', 40))
    vi.setSystemTime(Date.now() + jump)
    await outcomesOf(works)
    expect(await outcomesOf([thread.work('busy', 40), thread.work('other', 1)])).toEqual(['done', 'done'])
  }
})

test('in any mix of work, tenants with a queue are served in turn, each in its own order', async () => {
  const request = fc.record({
    tenant: fc.constantFrom('a', 'b', 'c'),
    ms: fc.integer({ min: 0, max: 60 }),
    pauseMs: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 50 })),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 60 }), async (requests) => {
      const thread = new Thread()
      const started: number[] = []
      const works: Promise<string>[] = []
      for (const [at, { tenant, ms, pauseMs }] of requests.entries()) {
        if (pauseMs > 0) await vi.advanceTimersByTimeAsync(pauseMs)
        works.push(
          thread.turns.run(tenant, () => {
            started.push(at)
            vi.setSystemTime(Date.now() + ms)
            return tenant
          }),
        )
      }
      expect(await outcomesOf(works)).not.toContain('overloaded')
      expect(started.toSorted((a, b) => a - b)).toEqual(requests.map((_, at) => at))
      for (const name of ['a', 'b', 'c']) {
        const own = started.filter((at) => requests[at]?.tenant === name)
        expect(own).toEqual(own.toSorted((a, b) => a - b))
      }
    }),
  )
})

test('a timer that cannot be cleared, as from the context of another object, loses no other request', async () => {
  const clear = globalThis.clearTimeout
  let calls = 0
  vi.stubGlobal('clearTimeout', (timer: number) => {
    if (calls++ % 2 === 0) clear(timer)
  })
  try {
    const thread = new Thread()
    const settled: string[] = []
    const started: Promise<unknown>[] = []
    // The queue is never empty, and lasts longer than any request may wait.
    for (let at = 0; at < 900; at++) {
      const name = at % 3 === 0 ? 'other' : 'acme'
      const work = thread.turns.run(name, async () => {
        vi.setSystemTime(Date.now() + 20)
        await new Promise((resolve) => setTimeout(resolve, 7_000))
      })
      started.push(work.then(() => settled.push('done')).catch((error: ObjectError) => settled.push(error.code)))
      await vi.advanceTimersByTimeAsync(10)
    }
    await vi.advanceTimersByTimeAsync(60_000)
    expect(settled.length).toBe(started.length)
    expect(settled).toContain('done')
  } finally {
    vi.unstubAllGlobals()
  }
})
