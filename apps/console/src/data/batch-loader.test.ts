import { expect, test } from 'vitest'
import { batchLoader } from './batch-loader.ts'

test('what is asked for at once is read once, in parts of a limited size, and each gets its own answer', async () => {
  const reads: (readonly string[])[] = []
  const load = batchLoader(async (ids) => {
    reads.push(ids)
    return new Map(ids.filter((id) => id !== 'c').map((id) => [id, id.toUpperCase()]))
  }, 3)
  expect(await Promise.all(['a', 'b', 'a', 'c', 'd'].map(load))).toEqual(['A', 'B', 'A', undefined, 'D'])
  expect(reads).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ])
  expect(await load('e')).toBe('E')
})

test('a failed read fails all that waited for it, and the next one reads again', async () => {
  let isDown = true
  const load = batchLoader(async (ids) => {
    if (isDown) throw new Error('down')
    return new Map(ids.map((id) => [id, id]))
  }, 10)
  const answers = await Promise.allSettled([load('a'), load('b')])
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  isDown = false
  expect(await load('a')).toBe('a')
})
