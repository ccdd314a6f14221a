import { expect, test } from 'vitest'
import { RetryTurns } from './retry-turns.ts'

test('work of one tenant takes turns, also after a failure, and tenants do not wait for each other', async () => {
  const turns = new RetryTurns()
  const order: string[] = []
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))
  const work =
    (name: string, fails = false) =>
    async (): Promise<void> => {
      order.push(`${name} begins`)
      await pause()
      order.push(`${name} ends`)
      if (fails) throw new Error(name)
    }
  const all = [turns.run('a', work('1', true)), turns.run('a', work('2')), turns.run('b', work('3'))]
  expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  expect(order.indexOf('2 begins')).toBeGreaterThan(order.indexOf('1 ends'))
  expect(order.indexOf('3 begins')).toBeLessThan(order.indexOf('1 ends'))
})
