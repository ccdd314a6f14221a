import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { waitForOthers } from './wait-for-others.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a wait ends with the first result that another request gives', async () => {
  const wait = waitForOthers<number>(() => {})
  wait.end(1)
  wait.end(2)
  expect(await wait.ended).toBe(1)
})

test('looking goes on until the wait has ended, may end it, and then leaves no timer', async () => {
  let looks = 0
  const wait = waitForOthers<string>(() => {
    if (++looks === 3) wait.end('looked')
  })
  await vi.advanceTimersByTimeAsync(10_000)
  expect(await wait.ended).toBe('looked')
  expect([looks, vi.getTimerCount()]).toEqual([3, 0])
})

test('a wake-up that is lost is noticed by looking', async () => {
  // The promise that is raced is the one that others resolve; the platform may never run what depends on it.
  vi.spyOn(Promise, 'race').mockImplementationOnce((promises) => Promise.resolve([...promises][1]))
  const wait = waitForOthers<number>(() => {})
  wait.end(7)
  await vi.advanceTimersByTimeAsync(100)
  expect(await wait.ended).toBe(7)
})
