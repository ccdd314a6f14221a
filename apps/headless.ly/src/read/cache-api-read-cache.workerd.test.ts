import { expect, test } from 'vitest'
import { CacheApiReadCache } from './cache-api-read-cache.ts'
import { answerOf, testReadCache } from './read-cache.suite.ts'

testReadCache('the Cache API', () => new CacheApiReadCache({ cache: caches.default, deployment: 'one' }))

test('another deployment does not see the cached answers', async () => {
  const [one, two] = ['one', 'two'].map((deployment) => new CacheApiReadCache({ cache: caches.default, deployment }))
  await one?.put('shared', answerOf('1'))
  expect(await two?.get('shared')).toBeUndefined()
  expect(await one?.get('shared')).toEqual(answerOf('1'))
})

test('a failing cache returns nothing and keeps nothing', async () => {
  const failing = { match: () => Promise.reject(new Error('no')), put: () => Promise.reject(new Error('no')) }
  const cache = new CacheApiReadCache({ cache: failing, deployment: 'one' })
  await cache.put('a', answerOf('1'))
  expect(await cache.get('a')).toBeUndefined()
})
