import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RequestRoom } from './request-room.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

interface Run {
  readonly tenant: string
  /** Time that the request takes. */
  readonly ms: number
  /** Time after the request before. */
  readonly pauseMs: number
  readonly isFailing: boolean
}

/** Runs requests as they come, and records how many were in work at a time, and how many started between two rests. */
class Server {
  readonly started: number[] = []
  readonly outcomes: string[] = []
  readonly most = new Map<string, number>()
  mostTogether = 0
  readonly #inWork = new Map<string, number>()
  #together = 0
  readonly room = new RequestRoom({
    rest: async () => {
      await new Promise((resolve) => setTimeout(resolve, 1))
      this.#together = 0
    },
  })

  async request(at: number, { tenant, ms, isFailing }: Omit<Run, 'pauseMs'>): Promise<void> {
    try {
      await this.room.run(tenant, async () => {
        this.started.push(at)
        this.mostTogether = Math.max(this.mostTogether, ++this.#together)
        this.#add(tenant, 1)
        if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
        this.#add(tenant, -1)
        if (isFailing) throw new Error('broken')
      })
      this.outcomes.push('done')
    } catch (error) {
      this.outcomes.push(error instanceof Error && 'code' in error ? String(error.code) : 'failed')
    }
  }

  #add(tenant: string, change: number): void {
    const count = (this.#inWork.get(tenant) ?? 0) + change
    this.#inWork.set(tenant, count)
    this.most.set(tenant, Math.max(this.most.get(tenant) ?? 0, count))
  }
}

const run = fc.record({
  tenant: fc.constantFrom('a', 'b', 'c'),
  ms: fc.constantFrom(0, 0, 1, 5, 30),
  pauseMs: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 2),
  isFailing: fc.boolean(),
})

test('in any mix of requests, each is done once, in the order of its tenant, with a limited number in work', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(run, { minLength: 100, maxLength: 400 }), async (runs) => {
      const server = new Server()
      for (const [at, request] of runs.entries()) {
        if (request.pauseMs > 0) await vi.advanceTimersByTimeAsync(request.pauseMs)
        void server.request(at, request)
      }
      await vi.runAllTimersAsync()
      expect(server.outcomes).toHaveLength(runs.length)
      expect(server.outcomes.filter((one) => one === 'done')).toHaveLength(
        runs.filter(({ isFailing }) => !isFailing).length,
      )
      for (const tenant of ['a', 'b', 'c']) {
        expect(server.most.get(tenant) ?? 0).toBeLessThanOrEqual(64)
        const own = server.started.filter((at) => runs[at]?.tenant === tenant)
        expect(own).toEqual(own.toSorted((x, y) => x - y))
      }
    }),
    { numRuns: 30 },
  )
})

test('a burst is worked off in groups with a rest between them, and another tenant starts at once', async () => {
  const server = new Server()
  const request = { tenant: 'busy', ms: 0, isFailing: false }
  for (let at = 0; at < 800; at++) void server.request(at, request)
  let isDone = false
  void server.room.run('neighbour', async () => void (isDone = true))
  expect(isDone).toBe(true)
  await vi.runAllTimersAsync()
  expect(server.outcomes).toEqual(Array(800).fill('done'))
  expect(server.mostTogether).toBeLessThanOrEqual(64)
})

test('many busy tenants leave room for another one', async () => {
  const server = new Server()
  for (let at = 0; at < 1_000; at++) void server.request(at, { tenant: `busy-${at % 10}`, ms: 20, isFailing: false })
  expect([...server.most.values()].reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(300)
  let isDone = false
  void server.room.run('neighbour', async () => void (isDone = true))
  expect(isDone).toBe(true)
  await vi.runAllTimersAsync()
  expect(server.outcomes).toEqual(Array(1_000).fill('done'))
})

test('requests beyond the queue are refused, and so are those that wait too long; long ones make room', async () => {
  const server = new Server()
  const request = { tenant: 'busy', ms: 60_000, isFailing: false }
  for (let at = 0; at < 1_200; at++) void server.request(at, request)
  await vi.advanceTimersByTimeAsync(1)
  expect(server.outcomes).toEqual(Array(1_200 - 64 - 1_000).fill('overloaded'))
  await vi.advanceTimersByTimeAsync(5_000)
  expect(server.outcomes).toEqual(Array(1_200 - 64).fill('overloaded'))
  await vi.advanceTimersByTimeAsync(5_000)
  await server.request(0, { ...request, ms: 0 }).finally(() => {})
  expect(server.outcomes.at(-1)).toBe('done')
  await vi.runAllTimersAsync()
  expect(server.room.inWork).toBe(0)
})
