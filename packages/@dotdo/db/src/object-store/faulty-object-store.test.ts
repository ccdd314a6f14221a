import { describe, expect, test } from 'vitest'
import { type Faults, FaultyObjectStore, StoreFault } from './faulty-object-store.ts'
import { MemoryObjectStore } from './memory-object-store.ts'
import { objectStoreSuite } from './object-store.suite.ts'

objectStoreSuite('FaultyObjectStore without faults', () => new FaultyObjectStore(new MemoryObjectStore(), { seed: 1 }))

const bytes = new Uint8Array([1, 2, 3])
const always = { ifAbsent: false }

/** Returns one letter per call: `.` succeeded, `f` failed before it took effect, `h` failed after it took effect. */
async function fates(faults: Faults & { readonly seed: number }, calls = 200): Promise<string> {
  const memory = new MemoryObjectStore()
  const store = new FaultyObjectStore(memory, { ...faults, sleep: async () => {} })
  let letters = ''
  for (let call = 0; call < calls; call++) {
    try {
      await store.put(`k${call}`, bytes, always)
      letters += '.'
    } catch (error) {
      expect(error).toBeInstanceOf(StoreFault)
      letters += (await memory.head(`k${call}`)) === undefined ? 'f' : 'h'
    }
  }
  return letters
}

describe('faults', () => {
  test('the same seed gives the same faults, another seed gives others', async () => {
    const first = await fates({ seed: 1, failRate: 0.2, halfRate: 0.2 })
    expect(await fates({ seed: 1, failRate: 0.2, halfRate: 0.2 })).toBe(first)
    expect(await fates({ seed: 2, failRate: 0.2, halfRate: 0.2 })).not.toBe(first)
    expect(new Set(first)).toEqual(new Set('.fh'))
  })

  test('the rates are met', async () => {
    expect(await fates({ seed: 3, failRate: 1 }, 10)).toBe('f'.repeat(10))
    expect(await fates({ seed: 3, halfRate: 1 }, 10)).toBe('h'.repeat(10))
    const letters = await fates({ seed: 4, failRate: 0.3 }, 2_000)
    expect(letters.split('f').length).toBeGreaterThan(500)
    expect(letters.split('f').length).toBeLessThan(700)
  })

  test('delays do not change which calls fail', async () => {
    const rates = { seed: 5, failRate: 0.3, halfRate: 0.3 }
    expect(await fates({ ...rates, lateRate: 0.5, lateMs: 9 })).toBe(await fates(rates))
  })

  test('a delete that fails halfway leaves the second half of its keys', async () => {
    const memory = new MemoryObjectStore()
    for (const key of ['a', 'b', 'c', 'd']) await memory.put(key, bytes, always)
    const store = new FaultyObjectStore(memory, { seed: 1, halfRate: 1 })
    await expect(store.delete(['a', 'b', 'c', 'd'])).rejects.toThrow(StoreFault)
    expect((await memory.list({ prefix: '', limit: 9 })).objects.map(({ key }) => key)).toEqual(['c', 'd'])
  })

  test('a late call is delayed before and after it takes effect, `lateMs` in total', async () => {
    const slept: number[] = []
    const store = new FaultyObjectStore(new MemoryObjectStore(), {
      seed: 1,
      lateRate: 1,
      lateMs: 80,
      sleep: async (ms) => void slept.push(ms),
    })
    await store.put('a', bytes, always)
    expect(slept).toHaveLength(2)
    expect((slept[0] ?? 0) + (slept[1] ?? 0)).toBeCloseTo(80)
  })

  test('while it is down every call fails without effect, and afterwards all objects are unchanged', async () => {
    const store = new FaultyObjectStore(new MemoryObjectStore(), { seed: 1 })
    await store.put('a', bytes, always)
    store.isDown = true
    const calls = [
      () => store.get('a'),
      () => store.head('a'),
      () => store.put('b', bytes, always),
      () => store.delete(['a']),
      () => store.list({ prefix: '', limit: 1 }),
      () => store.sync(['a']),
    ]
    for (const call of calls) await expect(call()).rejects.toThrow('down')
    store.isDown = false
    expect(await store.list({ prefix: '', limit: 9 })).toMatchObject({
      objects: [{ key: 'a', bytes: 3 }],
      hasMore: false,
    })
  })
})
