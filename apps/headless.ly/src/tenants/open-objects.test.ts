import { seededRandom } from '@dotdo/db'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
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

test('alarms of many objects all run, open few objects in vain, and keep within what may be open', async () => {
  vi.useFakeTimers()
  try {
    const [tenants, max, alarmMs] = [400, 40, 200]
    const open = new Set<string>()
    const due = new Map<string, number>()
    const hasRun = new Set<string>()
    let [opened, most, running, mostRunning] = [0, 0, 0, 0]
    const objects = new OpenObjects({
      max,
      now: Date.now,
      rest: async (name) => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        open.delete(name)
        return true
      },
    })
    const fire = async (name: string): Promise<void> => {
      if (!open.has(name)) opened++
      open.add(name)
      most = Math.max(most, open.size)
      const postponedMs = await objects.alarm(name, async () => {
        mostRunning = Math.max(mostRunning, ++running)
        await new Promise((resolve) => setTimeout(resolve, alarmMs))
        running--
        hasRun.add(name)
      })
      if (postponedMs !== undefined) due.set(name, Date.now() + postponedMs)
    }
    for (let at = 0; at < tenants; at++) due.set(`t${at}`, Date.now() + at * 20)
    for (let ms = 0; ms < 300_000 && hasRun.size < tenants; ms += 10) {
      for (const [name, atMs] of due) {
        if (atMs > Date.now()) continue
        due.delete(name)
        void fire(name)
      }
      await vi.advanceTimersByTimeAsync(10)
    }
    expect(hasRun.size).toBe(tenants)
    expect(mostRunning).toBeLessThanOrEqual(4)
    expect(most).toBeLessThanOrEqual(2 * max)
    expect(opened).toBeLessThan(6 * tenants)
  } finally {
    vi.useRealTimers()
  }
})

/** Alarms of objects, each running until it is ended. */
function makeAlarms() {
  const objects = new OpenObjects({ max: 40, now: Date.now, rest: () => Promise.resolve(true) })
  const running = new Map<string, () => void>()
  const postponed: string[] = []
  const fire = async (name: string): Promise<void> => {
    const postponedMs = await objects.alarm(name, () => new Promise((resolve) => running.set(name, resolve)))
    if (postponedMs === undefined) running.delete(name)
    else postponed.push(name)
  }
  return {
    running,
    postponed,
    call: (name: string) => objects.use(name, () => Promise.resolve()),
    fire: async (...names: readonly string[]) => {
      for (const name of names) void fire(name)
      await vi.advanceTimersByTimeAsync(0)
    },
    end: async (name: string) => {
      running.get(name)?.()
      await vi.advanceTimersByTimeAsync(0)
    },
  }
}

describe('an alarm that finds others running', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('runs as soon as one of them has ended, in the order of their arrival', async () => {
    const { end, fire, postponed, running } = makeAlarms()
    await fire('a', 'b', 'c', 'd', 'e', 'f')
    expect([...running.keys()]).toEqual(['a', 'b', 'c', 'd'])
    await end('c')
    expect([...running.keys()]).toEqual(['a', 'b', 'd', 'e'])
    await end('a')
    expect([...running.keys()]).toEqual(['b', 'd', 'e', 'f'])
    expect(postponed).toEqual([])
  })

  test('waits no longer for them than 5 s, as they wait themselves', async () => {
    const { fire, running } = makeAlarms()
    await fire('a', 'b', 'c', 'd', 'e')
    await vi.advanceTimersByTimeAsync(4_900)
    expect([...running.keys()]).not.toContain('e')
    await vi.advanceTimersByTimeAsync(200)
    expect([...running.keys()]).toContain('e')
  })

  test('is postponed only if too many wait, and then finds a place that others leave', async () => {
    const { fire, postponed } = makeAlarms()
    await fire(...'abcd', ...Array.from({ length: 9 }, (_, at) => `t${at}`))
    expect(postponed).toEqual(['t8'])
    await fire('t8', 't9')
    expect(postponed).toEqual(['t8', 't9'])
  })

  test('goes before others if its object was called lately, however many wait, and each fourth turn is for those', async () => {
    const { call, end, fire, postponed, running } = makeAlarms()
    await fire(...'abcd', ...Array.from({ length: 8 }, (_, at) => `idle${at}`))
    const called = Array.from({ length: 20 }, (_, at) => `called${at}`)
    for (const name of called) await call(name)
    await fire(...called)
    expect(postponed).toEqual([])
    const started: string[] = []
    for (const name of ['a', 'b', 'c', 'd']) await end(name)
    while (running.size > 0) {
      const [name = ''] = running.keys()
      started.push(name)
      await end(name)
    }
    const kinds = started.slice(0, 8).map((name) => name.replace(/\d+$/, ''))
    expect(kinds.join(' ')).toBe('called called called idle called called called idle')
    expect(started).toHaveLength(28)
  })

  test('goes before others no longer once its object was not called for 5 s', async () => {
    const { call, end, fire, running } = makeAlarms()
    await call('once')
    await vi.advanceTimersByTimeAsync(5_000)
    await fire(...'abcd', 'idle', 'once')
    await end('a')
    expect([...running.keys()]).toEqual(['b', 'c', 'd', 'idle'])
  })
})
