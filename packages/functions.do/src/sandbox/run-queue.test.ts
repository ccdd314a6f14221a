import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { type Place, RunQueue, type RunRequest, runsPerTenantMax } from './run-queue.ts'

const limits = { processes: 2, runsPerProcess: 8 }
const reported = { hasReported: true }
const cut = { hasReported: false }

interface Running {
  readonly request: RunRequest
  readonly place: Place
}

/** Enters at once or not at all. */
async function tryEnter(queue: RunQueue, request: RunRequest): Promise<Place | undefined> {
  return Promise.race([queue.enter(request), new Promise<undefined>((resolve) => setTimeout(resolve, 0))])
}

test('whatever comes and goes, no limit is exceeded, runs that are alone stay alone, and all get their turn', async () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ tenant: fc.constantFrom('a', 'b', 'c', 'd'), isAlone: fc.boolean() }),
      fc.record({ leaves: fc.nat(100) }),
    ),
    { maxLength: 60 },
  )
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const queue = new RunQueue(limits)
      const running: Running[] = []
      let waiting = 0
      const check = (): void => {
        for (const process of [0, 1]) {
          const inside = running.filter(({ place }) => place.process === process)
          expect(inside.length).toBeLessThanOrEqual(limits.runsPerProcess)
          if (inside.some(({ request }) => request.isAlone)) expect(inside).toHaveLength(1)
        }
        for (const tenant of ['a', 'b', 'c', 'd'])
          expect(running.filter(({ request }) => request.tenant === tenant).length).toBeLessThanOrEqual(
            runsPerTenantMax,
          )
      }
      const settle = async (): Promise<void> => {
        for (let turn = 0; turn < 10; turn++) await Promise.resolve()
        check()
      }
      const enter = async (request: RunRequest): Promise<void> => {
        const place = await queue.enter(request).catch(() => undefined)
        waiting--
        if (place !== undefined) running.push({ request, place })
      }
      for (const step of given) {
        if ('leaves' in step) running.splice(step.leaves % Math.max(running.length, 1), 1)[0]?.place.leave(reported)
        else {
          waiting++
          void enter(step)
        }
        await settle()
      }
      while (running.length > 0) {
        running.shift()?.place.leave(reported)
        await settle()
      }
      expect(waiting).toBe(0)
    }),
    { numRuns: 50 },
  )
})

test('a tenant that waits does not hold up another tenant', async () => {
  const queue = new RunQueue(limits)
  for (let run = 0; run < runsPerTenantMax; run++) await queue.enter({ tenant: 'greedy', isAlone: false })
  expect(await tryEnter(queue, { tenant: 'greedy', isAlone: false })).toBeUndefined()
  expect(await tryEnter(queue, { tenant: 'modest', isAlone: false })).toBeDefined()
})

test('a run that must be alone gets a process although shared runs keep coming', async () => {
  const queue = new RunQueue(limits)
  const [first, second] = [
    await queue.enter({ tenant: 'a', isAlone: false }),
    await queue.enter({ tenant: 'b', isAlone: false }),
  ]
  expect(new Set([first.process, second.process]).size).toBe(2)
  const alone = queue.enter({ tenant: 'c', isAlone: true })
  const later = [await queue.enter({ tenant: 'd', isAlone: false }), await queue.enter({ tenant: 'e', isAlone: false })]
  expect(new Set(later.map(({ process }) => process)).size).toBe(1)
  const emptied = [first, second].find(({ process }) => process !== later[0]?.process)
  emptied?.leave(reported)
  expect((await alone).process).toBe(emptied?.process)
})

test('further runs are refused as overloaded, and so is one that waits for too long', async () => {
  vi.useFakeTimers()
  try {
    const queue = new RunQueue({ processes: 1, runsPerProcess: 1 })
    await queue.enter({ tenant: 'a', isAlone: false })
    const refusals = Array.from({ length: 17 }, () => queue.enter({ tenant: 'a', isAlone: false })).map((entered) =>
      entered.then(
        () => 'entered',
        (error: unknown) => error,
      ),
    )
    expect(await refusals[16]).toMatchObject({ code: 'overloaded' })
    await vi.advanceTimersByTimeAsync(10_000)
    for (const refusal of refusals) expect(await refusal).toMatchObject({ code: 'overloaded' })
    const afterwards = queue.enter({ tenant: 'a', isAlone: false })
    await vi.advanceTimersByTimeAsync(0)
    expect(await Promise.race([afterwards, Promise.resolve('waits')])).toBe('waits')
    await vi.advanceTimersByTimeAsync(10_000).catch(() => {})
    await expect(afterwards).rejects.toMatchObject({ code: 'overloaded' })
  } finally {
    vi.useRealTimers()
  }
})

test('company is whoever was accepted beside the run, without those that have reported', async () => {
  const queue = new RunQueue({ processes: 1, runsPerProcess: 8 })
  const [one, two, three] = [
    await queue.enter({ tenant: 'a', isAlone: false }),
    await queue.enter({ tenant: 'b', isAlone: false }),
    await queue.enter({ tenant: 'c', isAlone: false }),
  ]
  one.accepted()
  expect(one.wasAlone()).toBe(true)
  two.accepted()
  expect([one.wasAlone(), two.wasAlone(), three.wasAlone()]).toEqual([false, false, true])
  two.leave(reported)
  expect(one.wasAlone()).toBe(true)
  three.accepted()
  three.leave(cut)
  expect(one.wasAlone()).toBe(false)
})

test('a process that has had many runs is due for a restart once it is empty', async () => {
  const queue = new RunQueue(limits)
  const due: number[] = []
  const stays = await queue.enter({ tenant: 'b', isAlone: false })
  for (let run = 1; run <= 1_001; run++) {
    const place = await queue.enter({ tenant: 'a', isAlone: false })
    if (place.leave(reported)) due.push(run)
  }
  expect(stays.leave(reported)).toBe(false)
  expect(due).toEqual([1_000])
})
