import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { UnreadAnswers, UnreadTotal } from './unread-answers.ts'

const window = 8 * 2 ** 20
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const settle = async (): Promise<void> => {
  await vi.advanceTimersByTimeAsync(0)
}
const repeatable = { isRepeatable: true }
const answerOf = (characters: number) => () => Promise.resolve(['x'.repeat(characters)])

function session(total = new UnreadTotal()): { unread: UnreadAnswers; reasons: string[] } {
  const reasons: string[] = []
  return { unread: new UnreadAnswers(total, (reason) => void reasons.push(reason)), reasons }
}

test(`a client that releases gets every answer, and never more than its window before it does (seed ${seed})`, () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(10, 100_000, 3 * 2 ** 20, 9 * 2 ** 20), { maxLength: 12 }),
      async (sizes) => {
        const total = new UnreadTotal()
        const { unread, reasons } = session(total)
        const held = new Map<number, number>()
        let answered = 0
        const get = async (id: number, size: number): Promise<void> => {
          for (let answers: readonly string[] | undefined; answers === undefined;) {
            answers = await unread.make(answerOf(size), repeatable)
            if (answers === undefined) await vi.advanceTimersByTimeAsync(10)
          }
          answered++
          unread.sent(id, size)
          held.set(id, size)
          const characters = [...held.values()].reduce((sum, one) => sum + one, 0)
          expect(held.size === 1 || characters <= window).toBe(true)
        }
        const all = sizes.map((size, id) => get(id, size))
        for (let round = 0; round < 200 && answered < sizes.length; round++) {
          await vi.advanceTimersByTimeAsync(20)
          for (const id of held.keys()) unread.released(id)
          held.clear()
        }
        await Promise.all(all)
        for (const id of held.keys()) unread.released(id)
        expect([reasons, total.characters]).toEqual([[], 0])
      },
    ),
    { seed, numRuns: 30 },
  ))

test('a client that releases nothing is closed with a reason, and what it held is free for others', async () => {
  const total = new UnreadTotal()
  const { unread, reasons } = session(total)
  expect(await unread.make(answerOf(window), repeatable)).toHaveLength(1)
  unread.sent(1, window)
  const second = unread.make(answerOf(10), repeatable)
  await vi.advanceTimersByTimeAsync(20_000)
  expect(reasons).toEqual([`no release of ${window} characters of answers within 20 s`])
  unread.end()
  expect([await second, total.characters]).toEqual([undefined, 0])
})

test('small answers may be kept', async () => {
  const { unread, reasons } = session()
  expect(await unread.make(answerOf(1_000), repeatable)).toHaveLength(1)
  unread.sent(1, 1_000)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(reasons).toEqual([])
})

test('all sessions together have a limit', async () => {
  const total = new UnreadTotal()
  const sessions = Array.from({ length: 20 }, () => session(total).unread)
  const made = await Promise.all(
    sessions.map((unread) => Promise.race([unread.make(answerOf(window), repeatable), settle()])),
  )
  expect(made.filter((answers) => answers !== undefined).length).toBe(6)
  expect(total.characters).toBeLessThanOrEqual(48 * 2 ** 20)
})

test('the answers to writes are always sent', async () => {
  const { unread } = session()
  // After some small answers, several are made at the same time.
  for (let id = 0; id < 10; id++) {
    await unread.make(answerOf(10), repeatable)
    unread.sent(id, 10)
    unread.released(id)
  }
  const first = unread.make(answerOf(window), { isRepeatable: false })
  const second = unread.make(answerOf(window), { isRepeatable: false })
  expect([await first, await second].every((answers) => answers !== undefined)).toBe(true)
})
