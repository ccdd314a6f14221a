// KV as miniflare simulates it, and KV that fails in every way.

import { env } from 'cloudflare:test'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { KvNamespace } from '../base/env.ts'
import { KvReadCache } from './kv-read-cache.ts'
import { kvLifeSeconds, kvPauseMs, kvValueBytesMax, KvValues } from './kv-values.ts'
import { answerOf, testReadCache } from './read-cache.suite.ts'

/** The environment of tests is typed by the packages that have objects in it. */
function namespace(): KvNamespace {
  return (env as typeof env & { readonly READ_KV: KvNamespace }).READ_KV
}

testReadCache(
  'KV',
  () => new KvReadCache({ values: new KvValues({ kv: namespace(), now: Date.now }), deployment: 'one' }),
)

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A namespace that logs its calls and can be read at once. */
function loggedKv(): KvNamespace & {
  readonly puts: [string, number, number][]
  readonly stored: Map<string, ArrayBuffer>
} {
  const [puts, stored]: [[string, number, number][], Map<string, ArrayBuffer>] = [[], new Map()]
  return {
    puts,
    stored,
    get: async (key) => stored.get(key) ?? null,
    put: async (key, value, { expirationTtl }) => {
      puts.push([key, value.byteLength, expirationTtl])
      stored.set(key, value)
    },
  }
}

test('another deployment does not see the cached answers', async () => {
  const values = new KvValues({ kv: namespace(), now: Date.now })
  const [one, two] = ['one', 'two'].map((deployment) => new KvReadCache({ values, deployment }))
  await one?.put('shared', answerOf('1'))
  expect([await one?.get('shared'), await two?.get('shared')]).toEqual([answerOf('1'), undefined])
})

describe('the limits of KV', () => {
  test('keys, values and lives are within them, whatever the name, and each key is written once', async () => {
    const kv = loggedKv()
    const values = new KvValues({ kv, now: () => 0 })
    const names = fc.sample(fc.string({ unit: 'binary', maxLength: 2_000 }), 50).map((name, at) => `${at} ${name}`)
    for (const name of [...names, ...names, 'x'.repeat(20_000)]) await values.put(name, bytes(name))
    await values.put('large', new Uint8Array(kvValueBytesMax + 1))
    expect(kv.puts).toHaveLength(51)
    expect(new Set(kv.puts.map(([key]) => key)).size).toBe(51)
    for (const [key, size, life] of kv.puts) {
      expect(bytes(key).length).toBeLessThanOrEqual(512)
      expect(size).toBeLessThan(25 * 2 ** 20)
      expect(life).toBe(kvLifeSeconds)
    }
    expect(kvLifeSeconds).toBeGreaterThanOrEqual(60)
    for (const name of names) expect(await values.get(name)).toEqual(bytes(name))
  })

  test('a write that is refused, as a second one within a second is, is not repeated', async () => {
    const kv = loggedKv()
    let puts = 0
    const refusing = { ...kv, put: async () => Promise.reject(new Error(`KV PUT failed: 429 ${++puts}`)) }
    const values = new KvValues({ kv: refusing, now: () => 0 })
    await values.put('a', bytes('1'))
    await values.put('a', bytes('1'))
    expect([puts, await values.get('a')]).toEqual([1, undefined])
  })
})

describe('a KV that fails', () => {
  test('by throwing or hanging delays one read, and then none for a while', async () => {
    for (const get of [() => Promise.reject(new Error('no')), () => new Promise<never>(() => {})]) {
      let [nowMs, gets] = [0, 0]
      const counted = (): Promise<never> => (gets++, get())
      const values = new KvValues({ kv: { ...loggedKv(), get: counted }, now: () => nowMs })
      const start = Date.now()
      for (let at = 0; at < 20; at++) expect(await values.get(`n${at}`)).toBeUndefined()
      expect(Date.now() - start).toBeLessThan(10_000)
      expect(gets).toBe(1)
      nowMs += kvPauseMs
      expect([await values.get('again'), gets]).toEqual([undefined, 2])
    }
  })

  test('by answering with any other bytes counts as a miss', async () => {
    const kv = loggedKv()
    const values = new KvValues({ kv, now: () => 0 })
    await values.put('name', bytes('the value'))
    await values.put('other', bytes('the other value'))
    const [[key, whole] = ['', new ArrayBuffer(0)], [, other] = ['', new ArrayBuffer(0)]] = [...kv.stored]
    const holds = async (value: ArrayBuffer): Promise<Uint8Array | undefined> => {
      kv.stored.set(key, value)
      return values.get('name')
    }
    expect(await holds(whole)).toEqual(bytes('the value'))
    expect(await holds(other), 'a value of another name').toBeUndefined()
    for (let at = 0; at < whole.byteLength; at++) {
      const changed = new Uint8Array(whole.slice(0))
      changed[at] = (changed[at] ?? 0) ^ 0x10
      expect(await holds(changed.buffer), `byte ${at}`).toBeUndefined()
      expect(await holds(whole.slice(0, at)), `only ${at} bytes`).toBeUndefined()
    }
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (garbage) => {
        expect(await holds(garbage.slice().buffer)).toBeUndefined()
      }),
    )
  })
})
