// The contract of `ObjectStore` as tests, run by each implementation.

import { describe, expect, test } from 'vitest'
import { MemoryObjectStore } from './memory-object-store.ts'
import type { ByteRange, ObjectStore } from './object-store.ts'

/** `makeStore` returns an empty store for each test. The store of the previous test is no longer in use. */
export function objectStoreSuite(name: string, makeStore: () => Promise<ObjectStore> | ObjectStore): void {
  describe(name, () => {
    describe('get, head and put', () => {
      test('get returns the bytes that were put', async () => {
        const store = await makeStore()
        const bytes = new Uint8Array(3_000_000).map((_, index) => index ^ (index >> 8))
        expect(await store.put('a/b/data-0001.parquet', bytes, { ifAbsent: false })).toBe(true)
        expect(sameBytes(await store.get('a/b/data-0001.parquet'), bytes)).toBe(true)
        expect(await store.head('a/b/data-0001.parquet')).toBe(3_000_000)
      })

      test('an object says when its bytes were put, to a second, and a list says the same', async () => {
        const store = await makeStore()
        const sinceMs = Math.floor(Date.now() / 1_000) * 1_000
        await store.put('a', textBytes('x'), { ifAbsent: false })
        const { bytes, modifiedMs } = (await store.stat('a')) ?? { bytes: 0, modifiedMs: 0 }
        expect(bytes).toBe(1)
        expect(modifiedMs).toBeGreaterThanOrEqual(sinceMs)
        expect(modifiedMs).toBeLessThanOrEqual(Date.now() + 1_000)
        const [listed] = (await store.list({ prefix: '', limit: 1 })).objects
        expect(Math.floor((listed?.modifiedMs ?? 0) / 1_000)).toBe(Math.floor(modifiedMs / 1_000))
        expect(await store.stat('b')).toBeUndefined()
      })

      test('an object can be empty', async () => {
        const store = await makeStore()
        await store.put('empty', new Uint8Array(0), { ifAbsent: true })
        expect(await store.get('empty')).toEqual(new Uint8Array(0))
        expect(await store.get('empty', { start: 0, end: 5 })).toEqual(new Uint8Array(0))
        expect(await store.head('empty')).toBe(0)
      })

      test('a missing object is undefined', async () => {
        const store = await makeStore()
        await store.put('a/b', textBytes('x'), { ifAbsent: false })
        for (const key of ['c', 'a/c', 'a/b/c', 'a']) {
          expect(await store.get(key)).toBeUndefined()
          expect(await store.get(key, { start: 0, end: 1 })).toBeUndefined()
          expect(await store.get(key, { start: 1, end: 1 })).toBeUndefined()
          expect(await store.head(key)).toBeUndefined()
        }
      })

      test('the caller owns the bytes returned, and again the bytes passed once put resolves', async () => {
        const store = await makeStore()
        const bytes = textBytes('one')
        await store.put('a', bytes, { ifAbsent: false })
        bytes.fill(0)
        const answered = await store.get('a')
        answered?.fill(1)
        expect(await store.get('a')).toEqual(textBytes('one'))
      })

      test('a view on a larger buffer is put as that view only', async () => {
        const store = await makeStore()
        await store.put('a', textBytes('0123456789').subarray(2, 5), { ifAbsent: false })
        expect(await store.get('a')).toEqual(textBytes('234'))
      })

      test('put replaces an object, and with `ifAbsent` leaves it unchanged', async () => {
        const store = await makeStore()
        expect(await store.put('a/b', textBytes('one'), { ifAbsent: true })).toBe(true)
        expect(await store.put('a/b', textBytes('two'), { ifAbsent: true })).toBe(false)
        expect(await store.get('a/b')).toEqual(textBytes('one'))
        expect(await store.put('a/b', textBytes('three'), { ifAbsent: false })).toBe(true)
        expect(await store.get('a/b')).toEqual(textBytes('three'))
        await store.delete(['a/b'])
        expect(await store.put('a/b', textBytes('four'), { ifAbsent: true })).toBe(true)
        expect(await store.get('a/b')).toEqual(textBytes('four'))
      })

      test('of many concurrent puts with `ifAbsent` one wins, and its bytes are stored', async () => {
        const store = await makeStore()
        const texts = Array.from({ length: 20 }, (_, index) => `writer ${index}`)
        const wins = await Promise.all(texts.map((text) => store.put('a/b', textBytes(text), { ifAbsent: true })))
        expect(wins.filter(Boolean)).toHaveLength(1)
        expect(await store.get('a/b')).toEqual(textBytes(texts[wins.indexOf(true)] ?? ''))
      })

      test('no reader ever sees part of an object', async () => {
        const store = await makeStore()
        const sizes = [200_000, 900_000]
        let isDone = false
        const write = async (): Promise<void> => {
          for (let round = 0; round < 20; round++) {
            const size = sizes[round % 2] ?? 0
            await store.put('a', new Uint8Array(size).fill(round), { ifAbsent: false })
          }
          isDone = true
        }
        const read = async (): Promise<void> => {
          while (!isDone) {
            const bytes = await store.get('a')
            if (bytes === undefined) continue
            expect(sizes).toContain(bytes.length)
            expect(bytes.every((byte) => byte === bytes[0])).toBe(true)
          }
        }
        await Promise.all([write(), read(), read()])
        expect(await store.head('a')).toBe(900_000)
      })

      test('an invalid key is refused', async () => {
        const store = await makeStore()
        const long = 'x'.repeat(513)
        for (const key of ['', '/a', 'a/', 'a//b', '.', '..', 'a/../b', 'a/./b', 'a b', 'ä', 'a\\b', 'a%2fb', long]) {
          await expect(store.get(key)).rejects.toThrow('is not an object key')
          await expect(store.head(key)).rejects.toThrow('is not an object key')
          await expect(store.put(key, textBytes('x'), { ifAbsent: false })).rejects.toThrow('is not an object key')
        }
      })

      test('a key may have 512 characters, including every allowed one', async () => {
        const store = await makeStore()
        const key = 'tenant=acme/Deal.v1_00-Z/'.padEnd(511, `${'k'.repeat(99)}/`).concat('z')
        expect(key).toHaveLength(512)
        await store.put(key, textBytes('x'), { ifAbsent: true })
        expect(await store.get(key)).toEqual(textBytes('x'))
        const { objects } = await store.list({ prefix: 'tenant=', limit: 10 })
        expect(objects).toMatchObject([{ key, bytes: 1 }])
      })
    })

    describe('ranges', () => {
      const ranges: readonly (ByteRange & { readonly text: string })[] = [
        { start: 2, end: 5, text: '234' },
        { start: 0, end: 1, text: '0' },
        { start: 9, end: 10, text: '9' },
        { start: 0, end: 10, text: '0123456789' },
        { start: 0, end: 11, text: '0123456789' },
        { start: 8, end: 20, text: '89' },
        { start: 7, end: Number.MAX_SAFE_INTEGER, text: '789' },
        { start: 10, end: 20, text: '' },
        { start: 50, end: 60, text: '' },
        { start: 0, end: 0, text: '' },
        { start: 4, end: 4, text: '' },
        { start: 10, end: 10, text: '' },
      ]
      test.each(ranges)('bytes $start to $end (exclusive) of ten are "$text"', async ({ start, end, text }) => {
        const store = await makeStore()
        await store.put('a/b', textBytes('0123456789'), { ifAbsent: false })
        expect(await store.get('a/b', { start, end })).toEqual(textBytes(text))
      })
    })

    describe('delete', () => {
      test('deleted objects are removed, others stay, and missing keys are ignored', async () => {
        const store = await makeStore()
        const keys = ['a/b', 'a/c', 'a/d/e', 'f']
        for (const key of keys) await store.put(key, textBytes(key), { ifAbsent: false })
        await store.delete(['a/b', 'f', 'a/missing', 'missing/too', 'f/g', 'a/b'])
        await store.delete([])
        expect(await store.get('a/b')).toBeUndefined()
        expect(await listKeys(store, { prefix: '', limit: 10 })).toEqual(['a/c', 'a/d/e'])
      })

      test('deleting the folder of an object deletes nothing', async () => {
        const store = await makeStore()
        await store.put('a/b/c', textBytes('x'), { ifAbsent: false })
        await store.delete(['a', 'a/b'])
        expect(await store.get('a/b/c')).toEqual(textBytes('x'))
      })

      test('more keys than one bucket call accepts are deleted', async () => {
        const store = await makeStore()
        const keys = Array.from({ length: 2_100 }, (_, index) => `k${index}`)
        for (const key of ['k0', 'k999', 'k1000', 'k2099', 'kept']) {
          await store.put(key, textBytes('x'), { ifAbsent: false })
        }
        await store.delete(keys)
        expect(await listKeys(store, { prefix: '', limit: 10 })).toEqual(['kept'])
      })
    })

    describe('list', () => {
      // Code unit order: `-` and `.` sort before `/`; digits, capitals, `_` and lower-case letters after it.
      const keys = [
        'A',
        'Z/1',
        '_/x',
        'a-b',
        'a.b/c',
        'a/A',
        'a/b-c',
        'a/b.c/d',
        'a/b/c',
        'a/b/d/e',
        'a/b0',
        'a0',
        'a=b',
      ]
      const sorted = [...keys].toSorted()
      const fill = async (): Promise<ObjectStore> => {
        const store = await makeStore()
        await Promise.all(keys.toReversed().map((key) => store.put(key, textBytes(key), { ifAbsent: false })))
        return store
      }

      test('keys are in code unit order, with their sizes', async () => {
        const store = await fill()
        const { objects, hasMore } = await store.list({ prefix: '', limit: 1_000 })
        expect(objects.map(({ key, bytes }) => ({ key, bytes }))).toEqual(
          sorted.map((key) => ({ key, bytes: key.length })),
        )
        expect(hasMore).toBe(false)
      })

      test('a prefix is a string, not a folder', async () => {
        const store = await fill()
        for (const prefix of [
          'a',
          'a/',
          'a/b',
          'a/b/',
          'a/b/d/e',
          'a.',
          '_',
          'Z/1',
          'Z/1/',
          'b',
          'a/b/d/e/f',
          'a/x/y',
        ]) {
          const expected = sorted.filter((key) => key.startsWith(prefix))
          expect([prefix, await listKeys(store, { prefix, limit: 1_000 })]).toEqual([prefix, expected])
        }
      })

      test('only keys after `after` are listed, which need not exist', async () => {
        const store = await fill()
        for (const prefix of ['', 'a', 'a/b']) {
          for (const after of [...sorted, 'a', 'a/', 'a/b', 'a/b/', 'a/b/d', 'a/bb', 'zzz', 'a/b/c/d']) {
            const expected = sorted.filter((key) => key.startsWith(prefix) && key > after)
            const found = await listKeys(store, { prefix, after, limit: 1_000 })
            expect([prefix, after, found]).toEqual([prefix, after, expected])
          }
        }
      })

      test('pages of any size hold each key once and report whether there are more', async () => {
        const store = await fill()
        for (const limit of [1, 2, 5, sorted.length - 1, sorted.length, sorted.length + 1]) {
          const found: string[] = []
          for (let hasMore = true; hasMore;) {
            const after = found.at(-1)
            const page = await store.list({ prefix: '', limit, ...(after === undefined ? {} : { after }) })
            expect(page.objects.length).toBeLessThanOrEqual(limit)
            found.push(...page.objects.map(({ key }) => key))
            expect(page.hasMore).toBe(found.length < sorted.length)
            hasMore = page.hasMore
          }
          expect(found).toEqual(sorted)
        }
      })

      test('an empty store lists nothing', async () => {
        const store = await makeStore()
        expect(await store.list({ prefix: '', limit: 1 })).toEqual({ objects: [], hasMore: false })
        expect(await store.list({ prefix: 'a/b/', limit: 1 })).toEqual({ objects: [], hasMore: false })
      })
    })

    test('sync resolves for objects that were put', async () => {
      const store = await makeStore()
      const keys = ['a/b/c', 'a/d', 'e']
      for (const key of keys) await store.put(key, textBytes(key), { ifAbsent: false })
      await store.sync(keys)
      await store.sync([])
    })

    test('any sequence of operations ends in the same state as in memory', async () => {
      const [store, model] = [await makeStore(), new MemoryObjectStore()]
      const keys = ['p/a', 'p/b', 'q/a/x', 'q/a/y', 'q/a-x', 'r']
      for (let step = 0; step < 150; step++) {
        // A deterministic sequence with a long period that applies every operation to every key.
        const key = keys[(step * step + 3 * step) % keys.length] ?? ''
        const bytes = textBytes(`${step}`.repeat(step % 7))
        const run = async (on: ObjectStore): Promise<unknown> => {
          switch (step % 5) {
            case 0:
            case 1:
              return on.put(key, bytes, { ifAbsent: step % 3 === 0 })
            case 2:
              return on.get(key, { start: step % 3, end: step % 11 })
            case 3:
              return on.delete([key, keys[step % keys.length] ?? ''])
            default:
              return on
                .list({ prefix: key.slice(0, step % 4), after: keys[step % 6] ?? '', limit: 1 + (step % 4) })
                .then(({ objects, hasMore }) => [hasMore, objects.map(({ key: one, bytes: size }) => [one, size])])
          }
        }
        expect([step, await run(store)]).toEqual([step, await run(model)])
      }
    })
  })
}

function textBytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text))
}

/** `toEqual` takes seconds for a million bytes. */
function sameBytes(left: Uint8Array | undefined, right: Uint8Array): boolean {
  return left?.length === right.length && left.every((byte, index) => byte === right[index])
}

async function listKeys(store: ObjectStore, options: Parameters<ObjectStore['list']>[0]): Promise<readonly string[]> {
  return (await store.list(options)).objects.map(({ key }) => key)
}
