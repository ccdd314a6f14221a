// Metrics with limits cross them once each time, and goals follow their metric, under a test clock and over restarts.

import { env, evictDurableObject } from 'cloudflare:test'
import { type Entity, fullAuthority } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ask, askRead, askWrite } from '../../test/ask-tenant.ts'

const runs = Number(process.env['RUNS'] ?? 2)

function makeTenant(name: string) {
  const caller = {
    tenant: name,
    context: `http://localhost/~${name}`,
    authority: fullAuthority('anonymous'),
    via: 'rest',
  } as const
  const id = env.TENANTS.idFromName(`${name}-${Math.random()}`)
  const stub = () => env.TENANTS.get(id)
  const answered = (answer: Awaited<ReturnType<typeof ask>>): never => {
    if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`)
    return JSON.parse(answer.body === '' ? '{}' : answer.body) as never
  }
  const write = async (noun: string, verb: string, body: object, target?: string): Promise<Entity> =>
    answered(await askWrite(stub(), caller, { noun, verb, body: JSON.stringify(body), ...(target && { id: target }) }))
  const clock = async (body: object): Promise<void> => {
    answered(await ask(stub(), caller, { kind: 'write', verb: 'clock.set', noun: '', body: JSON.stringify(body) }))
  }
  const read = async <Body>(read: string, of: { noun?: string; id?: string }, parameters = {}): Promise<Body> =>
    answered(await askRead(stub(), caller, { read, ...of, parameters }))
  /** The types of the events of an entity, without its creation. */
  const eventsOf = async (entity: string): Promise<readonly string[]> => {
    const page = await read<{ results: { type: string }[] }>('events', {}, { entity, limit: '1000' })
    return page.results.map(({ type }) => type).filter((type) => !/\.(Created|Updated)$/.test(type))
  }
  const restart = () => evictDurableObject(stub())
  return { write, clock, read, eventsOf, restart }
}

test('a metric with a limit crosses it once each time, and comes back by its margin, over restarts too', async () => {
  const moves = fc.array(fc.record({ value: fc.integer({ min: 0, max: 12 }), isRestarted: fc.boolean() }), {
    minLength: 3,
    maxLength: 8,
  })
  await fc.assert(
    fc.asyncProperty(moves, fc.integer({ min: 0, max: 3 }), async (steps, margin) => {
      const { write, clock, read, eventsOf, restart } = makeTenant('watch')
      await clock({ now: '2026-03-01T00:00:00Z' })
      const metric = await write('Metric', 'create', { name: 'queue', alertAbove: 6, alertMargin: margin })
      const expected: string[] = []
      let isAbove = false
      for (const { value, isRestarted } of steps) {
        await write('Metric', 'record', { value }, metric.$id)
        expected.push('Metric.Recorded')
        if (isRestarted) await restart()
        await clock({ advance: 'PT2M' })
        const isNow: boolean = value > (isAbove ? 6 - margin : 6)
        if (isNow !== isAbove) expected.push(isNow ? 'Metric.Crossed' : 'Metric.Settled')
        isAbove = isNow
        if (isRestarted) await restart()
        await clock({ advance: 'P1D' })
        expect(await eventsOf(metric.$id)).toEqual(expected)
        const { alerts } = await read<{ alerts: { metric: string; since?: string }[] }>(
          'status',
          {},
          { metrics: 'true' },
        )
        expect(alerts.filter((alert) => alert.metric === 'queue' && alert.since !== undefined)).toHaveLength(
          isAbove ? 1 : 0,
        )
      }
    }),
    { numRuns: runs },
  )
})

test('a built-in metric has limits, and callers cannot cross them by hand', async () => {
  const { write, clock, eventsOf } = makeTenant('built-in')
  await clock({ now: '2026-03-01T00:00:00Z' })
  const watch = await write('Metric', 'create', { name: 'contacts', alertAbove: 1, alertBelow: 1 })
  await clock({ advance: 'PT5M' })
  expect(await eventsOf(watch.$id)).toEqual(['Metric.Crossed'])
  const [ada] = [await write('Contact', 'create', { name: 'Ada' }), await write('Contact', 'create', { name: 'Bob' })]
  await clock({ advance: 'PT5M' })
  await write('Contact', 'delete', {}, ada.$id)
  await clock({ advance: 'PT5M' })
  expect(await eventsOf(watch.$id)).toEqual(['Metric.Crossed', 'Metric.Crossed', 'Metric.Settled'])
  await expect(write('Metric', 'cross', { watch: 'Above' }, watch.$id)).rejects.toThrow('only by the server')
  await expect(write('Metric', 'update', { watch: 'Above' }, watch.$id)).rejects.toThrow('watch')
})

test('a goal follows its metric, is achieved at its target, and is missed at its deadline', async () => {
  const { write, clock, read, eventsOf } = makeTenant('goals')
  await clock({ now: '2026-03-01T00:00:00Z' })
  const deadline = '2026-03-20T00:00:00Z'
  const goal = await write('Goal', 'create', { name: 'contacts', target: 4, metricName: 'contacts', deadline })
  const missed = await write('Goal', 'create', { name: 'deals', target: 9, metricName: 'deals_open', deadline })
  const state = async (id: string) => {
    const { current, progress, status } = await read<Entity>('get', { noun: 'Goal', id })
    return [current, progress, status]
  }
  const expected = [
    [1, 25, 'Behind'],
    [2, 50, 'AtRisk'],
    [3, 75, 'AtRisk'],
    [4, 100, 'Achieved'],
  ]
  for (const [at, one] of expected.entries()) {
    await write('Contact', 'create', { name: `c${at}` })
    await clock({ advance: 'P1D' })
    expect(await state(goal.$id)).toEqual(one)
  }
  const { $id } = await write('Contact', 'create', { name: 'one more' })
  await write('Contact', 'delete', {}, $id)
  await clock({ advance: 'P20D' })
  expect(await state(goal.$id)).toEqual([4, 100, 'Completed'])
  expect(await state(missed.$id)).toEqual([0, 0, 'Missed'])
  const events = await eventsOf(goal.$id)
  expect(events.filter((type) => type !== 'Goal.Checked')).toEqual(['Goal.Achieved', 'Goal.Completed'])
})
