// The guarantees of the job runner, with the real alarm of a Durable Object.

import { env, runInDurableObject } from 'cloudflare:test'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextTask } from '../base/next-task.ts'
import { upgradeSystemTables } from '../system-tables.ts'
import type { Job, RetryRule } from './job.ts'
import { JobRunner } from './job-runner.ts'

const startMs = Date.UTC(2040, 0)
const retry: RetryRule = { firstMs: 1_000, factor: 2, maxMs: 60_000 }
const event = { seq: 1, type: 'Robot.Created', target: 'robot_1' }

interface TestJob extends Job {
  due: number | undefined
  /** The next step; by default it does nothing. */
  work: (nowMs: number) => Promise<boolean>
}

interface World {
  readonly runner: JobRunner
  readonly storage: DurableObjectStorage
  readonly clock: { ms: number }
  /** Names of jobs, in the order of their steps. */
  readonly steps: string[]
  readonly logged: string[]
  job(name: string): TestJob
  /** Advances the clock to the alarm and fires it. */
  ring(): Promise<number | undefined>
  /** Restarts the object with its stored data. */
  restart(): World
}

type JobOptions = Partial<Omit<Job, 'step' | 'dueMs'>> & { readonly name: string }

function inWorld<Result>(jobs: readonly JobOptions[], work: (world: World) => Promise<Result>): Promise<Result> {
  return runInDurableObject(env.BARE.get(env.BARE.newUniqueId()), (_, { storage }) => {
    upgradeSystemTables(storage.sql)
    return work(makeWorld(storage, jobs, { ms: startMs }))
  })
}

function makeWorld(storage: DurableObjectStorage, jobs: readonly JobOptions[], clock: { ms: number }): World {
  const steps: string[] = []
  const logged: string[] = []
  const all = jobs.map((options) => makeJob(options, steps))
  const runner = new JobRunner({
    storage,
    now: () => clock.ms,
    tenantClock: { nowMs: () => clock.ms, isTest: false },
    load: { isOpen: false },
    log: (message) => logged.push(message),
    wholeLanes: ['whole'],
  })
  runner.add(all)
  runner.resume()
  return {
    runner,
    storage,
    clock,
    steps,
    logged,
    job: (name) => {
      const job = all.find((one) => one.name === name)
      if (job === undefined) throw new Error(`no job ${name}`)
      return job
    },
    ring: async () => {
      const atMs = (await storage.getAlarm()) ?? undefined
      if (atMs === undefined) return undefined
      clock.ms = Math.max(clock.ms, atMs)
      await storage.deleteAlarm()
      await runner.alarm()
      return atMs
    },
    restart: () => makeWorld(storage, jobs, clock),
  }
}

function makeJob(options: JobOptions, steps: string[]): TestJob {
  const job: TestJob = {
    clock: 'real',
    lane: 'one',
    retry,
    ...options,
    due: undefined,
    work: () => {
      job.due = undefined
      return Promise.resolve(true)
    },
    dueMs: () => job.due,
    step: (nowMs) => {
      steps.push(job.name)
      return job.work(nowMs)
    },
  }
  return job
}

const alarmOf = async ({ storage }: World): Promise<number | undefined> => (await storage.getAlarm()) ?? undefined

describe('the alarm', () => {
  test('is set for the first due time of all lanes', () =>
    inWorld([{ name: 'a' }, { name: 'b', lane: 'two' }], async (world) => {
      world.job('a').due = startMs + 9_000
      world.job('b').due = startMs + 4_000
      world.runner.resume()
      expect(await alarmOf(world)).toBe(startMs + 4_000)
      await world.ring()
      expect(world.steps).toEqual(['b'])
      expect(await alarmOf(world)).toBe(startMs + 9_000)
      await world.ring()
      expect(world.steps).toEqual(['b', 'a'])
      expect(await alarmOf(world)).toBeUndefined()
    }))

  test('is set for now if a job became due while the object was not in memory', () =>
    inWorld([{ name: 'a' }], async (world) => {
      world.job('a').due = startMs - 60_000
      world.runner.resume()
      expect(await alarmOf(world)).toBe(startMs)
    }))

  test('is set at the latest time that the platform takes, if a job is due after it', () =>
    inWorld([{ name: 'a' }], async (world) => {
      world.job('a').due = Date.UTC(9000, 0)
      world.runner.resume()
      expect(await alarmOf(world)).toBe(Date.UTC(2189, 0))
    }))

  test('is part of the transaction of the write that makes a job due', () =>
    inWorld([{ name: 'a', eventAppended: (_, nowMs) => nowMs + 5_000 }], async (world) => {
      const { runner, storage } = world
      expect(() =>
        storage.transactionSync(() => {
          runner.eventAppended(event)
          throw new Error('refused')
        }),
      ).toThrow('refused')
      expect(await alarmOf(world)).toBeUndefined()
      storage.transactionSync(() => runner.eventAppended(event))
      runner.rolledBack()
      expect(await alarmOf(world)).toBe(startMs + 5_000)
    }))

  test('that the platform has lost is set again by the next work, once', () =>
    inWorld([{ name: 'a', eventAppended: (_, nowMs) => nowMs }], async (world) => {
      const { clock, runner, storage } = world
      const overdueBy = async (ms: number): Promise<number | undefined> => {
        clock.ms = startMs + ms
        runner.eventAppended(event)
        return alarmOf(world)
      }
      world.job('a').due = startMs
      runner.eventAppended(event)
      await storage.deleteAlarm()
      expect(await overdueBy(9_000)).toBeUndefined()
      expect(await overdueBy(11_000)).toBe(startMs + 11_000)
      expect(await overdueBy(20_000)).toBe(startMs + 11_000)
      await world.ring()
      expect(world.steps).toEqual(['a'])
      expect(await alarmOf(world)).toBeUndefined()
    }))

  test('of a write does not replace an earlier one, and waits for the retry of a failed job', () =>
    inWorld([{ name: 'a', eventAppended: (_, nowMs) => nowMs + 10 }], async (world) => {
      const { clock, runner } = world
      runner.eventAppended(event)
      clock.ms += 5
      runner.eventAppended(event)
      expect(await alarmOf(world)).toBe(startMs + 10)
      world.job('a').due = startMs
      world.job('a').work = () => Promise.reject(new Error('down'))
      await world.ring()
      runner.eventAppended(event)
      expect(await alarmOf(world)).toBe(startMs + 10 + 1_000)
    }))
})

describe('jobs of one lane', () => {
  test('run by urgency, and one that was skipped four times runs next', () =>
    inWorld([{ name: 'urgent' }, { name: 'other' }], async (world) => {
      for (const name of ['urgent', 'other']) {
        world.job(name).due = startMs
        world.job(name).work = () => Promise.resolve(true)
      }
      world.runner.resume()
      for (let ring = 0; ring < 10; ring++) await world.ring()
      expect(world.steps.map((name) => name[0]).join('')).toBe('uuuuouuuuo')
    }))

  test('are followed at once by the next job if they have no work, and are tried again after a minute', () =>
    inWorld([{ name: 'stuck' }, { name: 'other' }], async (world) => {
      world.job('stuck').due = startMs
      world.job('stuck').work = () => Promise.resolve(false)
      world.job('other').due = startMs
      world.runner.resume()
      await world.ring()
      expect(world.steps).toEqual(['stuck', 'other'])
      expect(await alarmOf(world)).toBe(startMs + 60_000)
    }))

  test.each(['event', 'reschedule'] as const)(
    'are tried again at once if work came during a step that found none: %s',
    (by) =>
      inWorld([{ name: 'late', eventAppended: (_, nowMs) => nowMs }], async (world) => {
        const job = world.job('late')
        job.due = startMs
        job.work = async () => {
          await nextTask()
          // The step has looked already when the work comes.
          if (world.steps.length === 1 && by === 'event') world.runner.eventAppended(event)
          if (world.steps.length === 1 && by === 'reschedule') world.runner.reschedule('one')
          return false
        }
        world.runner.resume()
        await world.ring()
        expect(await alarmOf(world)).toBe(startMs)
        await world.ring()
        expect(world.steps).toEqual(['late', 'late'])
        expect(await alarmOf(world)).toBe(startMs + 60_000)
      }),
  )

  test('never run concurrently with each other or with a command, and other lanes continue', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('run one', 'run two', 'command', 'drain', 'alarm', 'pause'), { maxLength: 30 }),
        (actions) =>
          inWorld([{ name: 'a' }, { name: 'b' }, { name: 'c', lane: 'two' }], async (world) => {
            const { runner } = world
            let inside = 0
            const alone = async (): Promise<boolean> => {
              expect(++inside).toBe(1)
              for (let pause = 0; pause < 3; pause++) await nextTask()
              inside--
              return true
            }
            let isEnding = false
            for (const name of ['a', 'b']) {
              world.job(name).due = startMs
              world.job(name).work = async () => (await alone()) && !isEnding && Math.random() < 0.5
            }
            const acts: Record<string, () => Promise<unknown>> = {
              'run one': () => runner.run('one'),
              'run two': () => runner.run('two'),
              command: () => runner.exclusively('one', alone),
              drain: () => runner.drain('one'),
              alarm: () => runner.alarm(),
              pause: () => Promise.resolve(),
            }
            const begun: Promise<unknown>[] = []
            for (const action of actions) {
              begun.push(acts[action]?.() ?? Promise.reject(new Error(action)))
              if (action === 'pause') await nextTask()
            }
            isEnding = true
            await Promise.all(begun)
            expect(inside).toBe(0)
          }),
      ),
      { numRuns: 30 },
    ))

  test('that take long hold up no alarm of other lanes, and their own lane has one in case the process dies', () =>
    inWorld([{ name: 'slow' }, { name: 'quick', lane: 'two' }], async (world) => {
      const { promise: ended, resolve: end } = Promise.withResolvers<boolean>()
      world.job('slow').work = () => ended
      world.job('slow').due = startMs
      world.runner.resume()
      await world.ring()
      expect(world.runner.status()).toMatchObject([{ state: 'running' }, { state: 'idle' }])
      expect(await alarmOf(world)).toBe(startMs + 60_000)
      world.job('quick').due = startMs + 100
      world.runner.reschedule('two')
      expect(await world.ring()).toBe(startMs + 100)
      expect(world.steps).toEqual(['slow', 'quick'])
      world.job('slow').due = startMs + 5_000
      end(true)
      await world.runner.run('one')
      expect(world.runner.status()).toMatchObject([{ state: 'waiting' }, { state: 'idle' }])
      expect(await alarmOf(world)).toBe(startMs + 5_000)
      expect(world.steps).toEqual(['slow', 'quick'])
    }))

  test('of a lane that keeps the machine busy are waited for by the alarm', () =>
    inWorld([{ name: 'files', lane: 'whole' }], async (world) => {
      const { promise: ended, resolve: end } = Promise.withResolvers<boolean>()
      world.job('files').work = () => ended
      world.job('files').due = startMs
      world.runner.resume()
      let hasRung = false
      const ringing = world.ring().then(() => (hasRung = true))
      await new Promise((resolve) => setTimeout(resolve, 400))
      expect(hasRung).toBe(false)
      world.job('files').due = undefined
      end(true)
      await ringing
    }))

  test('wait for a command in their lane, and the alarm does not', () =>
    inWorld([{ name: 'a' }], async (world) => {
      let finish = (): void => {}
      const command = world.runner.exclusively('one', () => new Promise<void>((resolve) => (finish = resolve)))
      world.job('a').due = startMs
      await world.runner.alarm()
      expect(world.steps).toEqual([])
      expect(await alarmOf(world)).toBe(startMs + 60_000)
      finish()
      await command
      expect(await alarmOf(world)).toBe(startMs)
    }))
})

describe('a job that fails', () => {
  test('is retried after growing waits, which survive a restart, and is logged occasionally', () =>
    inWorld([{ name: 'a' }], async (first) => {
      let world = first
      const fail = (): void => {
        world.job('a').due = startMs
        world.job('a').work = () => Promise.reject(new Error('down'))
        world.runner.resume()
      }
      const waits: number[] = []
      for (let attempt = 0; attempt < 11; attempt++) {
        fail()
        await world.ring()
        waits.push((await alarmOf(world)) ?? 0)
        waits[attempt] = (waits[attempt] ?? 0) - world.clock.ms
        world = world.restart()
      }
      expect(waits.map((ms) => ms / 1_000)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60])
      expect(world.runner.status()).toEqual([
        {
          name: 'a',
          state: 'failing',
          next: null,
          failure: { message: 'down', attempts: 11, nextTry: new Date(world.clock.ms + 60_000).toISOString() },
          parked: 0,
        },
      ])
      fail()
      world.job('a').work = () => {
        world.job('a').due = undefined
        return Promise.resolve(true)
      }
      await world.ring()
      expect(world.runner.status()).toMatchObject([{ state: 'idle', failure: null }])
      expect(world.storage.sql.exec('SELECT * FROM jobs').toArray()).toEqual([])
    }))

  test('does not wait longer than its rule after the clock was set back', () =>
    inWorld([{ name: 'a' }], async (world) => {
      world.job('a').due = startMs - 3_600_000
      world.job('a').work = () => Promise.reject(new Error('down'))
      world.runner.resume()
      await world.ring()
      world.clock.ms -= 3_600_000
      world.runner.resume()
      expect(await alarmOf(world)).toBe(world.clock.ms)
    }))

  test('parks its work after the last attempt of its rule, if it can, and continues', () => {
    const parked: string[] = []
    const options = {
      retry: { ...retry, attemptsMax: 3 },
      park: (message: string) => Promise.resolve(void parked.push(message)),
      parkedCount: () => parked.length,
    }
    return inWorld([{ name: 'a', ...options }], async (world) => {
      world.job('a').due = startMs
      world.job('a').work = () => Promise.reject(new Error('never'))
      world.runner.resume()
      for (let attempt = 0; attempt < 3; attempt++) {
        expect(parked).toEqual([])
        await world.ring()
      }
      expect(parked).toEqual(['never'])
      expect(world.runner.status()).toMatchObject([{ state: 'due', failure: null, parked: 1 }])
    })
  })

  test('when asked for its due time fails no write and stops no other job', () => {
    let isFaulty = true
    const fault = (): undefined => {
      if (isFaulty) throw new Error('no such column')
    }
    return inWorld([{ name: 'a', eventAppended: fault }, { name: 'b' }], async (world) => {
      world.job('a').dueMs = fault
      world.job('b').due = startMs
      world.storage.transactionSync(() => world.runner.eventAppended(event))
      await world.ring()
      expect(world.steps).toEqual(['b'])
      const nextTry = new Date(startMs + 1_000).toISOString()
      const failure = { message: 'no such column', attempts: 1, nextTry }
      expect(world.runner.status()).toMatchObject([{ state: 'failing', failure }, { state: 'idle' }])
      expect(await alarmOf(world)).toBe(startMs + 1_000)
      isFaulty = false
      await world.ring()
      expect(world.runner.status()).toMatchObject([{ state: 'idle', failure: null }, { state: 'idle' }])
    })
  })

  test('makes a command throw, and the failure is not counted', () =>
    inWorld([{ name: 'a' }], async (world) => {
      world.job('a').work = () => Promise.reject(new Error('down'))
      await expect(world.runner.drain('one')).rejects.toThrow('down')
      expect(world.runner.status()).toMatchObject([{ state: 'idle', failure: null }])
    }))
})

test('the status of a job shows whether it waits, is due or runs', () =>
  inWorld([{ name: 'a' }], async (world) => {
    const { runner } = world
    const job = world.job('a')
    job.due = startMs + 1_000
    expect(runner.status()).toMatchObject([{ state: 'waiting', next: new Date(startMs + 1_000).toISOString() }])
    job.due = startMs
    expect(runner.status()).toMatchObject([{ state: 'due' }])
    let finish = (): void => {}
    job.work = () => new Promise((resolve) => (finish = () => resolve(true)))
    const running = runner.run('one')
    await nextTask()
    expect(runner.status()).toMatchObject([{ state: 'running' }])
    job.due = undefined
    finish()
    await running
    expect(runner.status()).toMatchObject([{ state: 'idle', next: null }])
  }))
