import { expect, test } from 'vitest'
import { MemoryReadCache } from './memory-read-cache.ts'
import { answerOf, testReadCache } from './read-cache.suite.ts'

testReadCache('in the memory of an isolate', () => new MemoryReadCache(1_000_000))

test('the most recently used answers stay, within the limit of bytes', async () => {
  const cache = new MemoryReadCache(100_000)
  const answer = answerOf('x'.repeat(1_000))
  for (let at = 0; at < 200; at++) {
    await cache.put(`n${at}`, answer)
    expect(await cache.get('n0')).toEqual(answer)
  }
  let kept = 0
  for (let at = 0; at < 200; at++) if ((await cache.get(`n${at}`)) !== undefined) kept++
  expect(kept).toBeGreaterThan(30)
  expect(kept * answer.body.length).toBeLessThan(100_000)
  expect(await cache.get('n1')).toBeUndefined()
  expect(await cache.get('n199')).toEqual(answer)
})

test('an answer that would displace many others is not cached', async () => {
  const cache = new MemoryReadCache(100_000)
  await cache.put('small', answerOf('x'))
  await cache.put('large', answerOf('x'.repeat(40_000)))
  expect(await cache.get('large')).toBeUndefined()
  expect(await cache.get('small')).toEqual(answerOf('x'))
})
