import { seededRandom } from '@dotdo/db'
import { expect, test } from 'vitest'
import { OpenObjects } from './open-objects.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

/** Objects as workerd holds them: opened by a call, open until they are told to rest. */
function makeObjects(max: number, isHeld: (name: string) => boolean = () => false) {
  const open = new Set<string>()
  const inUse = new Set<string>()
  let most = 0
  const objects = new OpenObjects({
    max,
    now: Date.now,
    waitsMax: 4,
    rest: async (name) => {
      await Promise.resolve()
      expect(inUse.has(name), `${name} is ended while it is in use`).toBe(false)
      if (isHeld(name)) return false
      open.delete(name)
      return true
    },
  })
  const call = (name: string, ms = 0): Promise<string> =>
    objects.use(name, async () => {
      open.add(name)
      inUse.add(name)
      most = Math.max(most, open.size)
      await new Promise((resolve) => setTimeout(resolve, ms))
      inUse.delete(name)
      return name
    })
  return { call, open, most: () => most }
}

test(`generated calls never open more objects than may be open, and end none in use (seed ${seed})`, async () => {
  const random = seededRandom(seed)
  const { call, most } = makeObjects(8)
  const worker = async (): Promise<void> => {
    for (let nth = 0; nth < 60; nth++) await call(`t${Math.floor(random() ** 2 * 40)}`, random() < 0.1 ? 2 : 0)
  }
  await Promise.all(Array.from({ length: 7 }, worker))
  expect(most()).toBeLessThanOrEqual(8)
})

test('the object that was used longest ago is ended', async () => {
  const { call, open } = makeObjects(3)
  for (const name of ['a', 'b', 'c', 'a', 'd']) await call(name)
  expect([...open].toSorted()).toEqual(['a', 'c', 'd'])
})

test('a call that finds every object held is refused, and one that is open is still answered', async () => {
  const { call } = makeObjects(2, () => true)
  await call('a')
  await call('b')
  await expect(call('c')).rejects.toMatchObject({ code: 'overloaded' })
  expect(await call('a')).toBe('a')
})
