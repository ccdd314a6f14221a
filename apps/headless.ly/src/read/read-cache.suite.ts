// The contract of `ReadCache` as tests, run by each implementation.

import { describe, expect, test } from 'vitest'
import type { CachedAnswer, ReadCache } from './read-cache.ts'

let names = 0

export function answerOf(text: string, version?: number): CachedAnswer {
  return { body: new TextEncoder().encode(text), ...(version === undefined ? {} : { version }) }
}

export function testReadCache(kind: string, make: () => ReadCache): void {
  const name = (): string => `http://localhost/~acme e.${++names} /~acme/Contact?filter=%7B%22a%22:1%7D&x=%C3%A9`

  describe(`a ReadCache: ${kind}`, () => {
    test('has only what was put', async () => {
      expect(await make().get(name())).toBeUndefined()
    })

    test.each([
      answerOf('{"name":"Ada"}', 3),
      answerOf('{"results":[],"total":0}'),
      answerOf('{"name":"é 😀 \uFFFD \u2028"}'),
      answerOf(''),
    ])('returns an answer as it was put: %j', async (answer) => {
      const [cache, key] = [make(), name()]
      await cache.put(key, answer)
      expect(await cache.get(key)).toEqual(answer)
      expect(await cache.get(key)).toEqual(answer)
    })

    test('distinguishes names by every character', async () => {
      const cache = make()
      const variants = [
        '/~a/Contact?x=1',
        '/~a/Contact?x=1 ',
        '/~a/Contact?x=1#',
        '/~a/contact?x=1',
        '/~a/Contact/?x=1',
      ]
      const stem = name()
      for (const variant of variants) await cache.put(stem + variant, answerOf(variant))
      for (const variant of variants) expect(await cache.get(stem + variant)).toEqual(answerOf(variant))
      expect(await cache.get(stem)).toBeUndefined()
    })

    test('does not throw for a name or an answer that is too large', async () => {
      const cache = make()
      const long = `${name()}${'x'.repeat(16_000)}`
      await cache.put(long, answerOf('x'))
      expect([undefined, answerOf('x')]).toContainEqual(await cache.get(long))
      const key = name()
      await cache.put(key, answerOf('x'.repeat(4_000_000)))
      expect((await cache.get(key))?.body.length ?? 4_000_000).toBe(4_000_000)
    })
  })
}
