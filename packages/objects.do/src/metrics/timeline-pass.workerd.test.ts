// A level has one value at a time, whichever way computes it: the pass over all versions of a long series, the aggregate of a
// past state for few times, and a read as of the time; also when changes are recorded later than they happened.

import { env } from 'cloudflare:test'
import { type Entity, fullAuthority, movementParts } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ask, askRead, askWrite } from '../../test/ask-tenant.ts'

const runs = Number(process.env['RUNS'] ?? 2)
/** More than are computed one by one. */
const days = 14
const dayMs = 86_400_000
const startMs = Date.parse('2026-02-01T00:00:00Z')
const caller = {
  tenant: 'pass',
  context: 'http://localhost/~pass',
  authority: fullAuthority('anonymous'),
  via: 'rest',
} as const

const act = fc.record({
  day: fc.nat(days - 1),
  at: fc.nat(30),
  quantity: fc.integer({ min: 1, max: 5 }),
  kind: fc.constantFrom('create', 'upgrade', 'cancel', 'pause', 'offer', 'offer', 'drop'),
  /** Days by which the change is recorded late. */
  lateDays: fc.constantFrom(0, 0, 0, 1, 3),
})

/** A version of a subscription or a deal; versions are in the order of their events. */
interface Version {
  readonly id: string
  readonly startMs: number
  /** Its revenue or worth; undefined while nobody pays, and after its deletion. */
  readonly amount: number | undefined
}

function levelBefore(versions: readonly Version[], timeMs: number): Readonly<Record<string, number>> {
  const last = new Map<string, number | undefined>()
  for (const { id, startMs: beganMs, amount } of versions) if (beganMs < timeMs) last.set(id, amount)
  const of = (prefix: string): readonly number[] =>
    [...last].flatMap(([id, amount]) => (id.startsWith(prefix) && amount !== undefined ? [amount] : []))
  const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0)
  const paid = of('subscription')
  return { mrr: sum(paid), active_subscriptions: paid.length, pipeline: sum(of('deal')) }
}

test.each([
  ['each change is recorded when it happens', false],
  ['some changes are recorded late', true],
])('a series, its single days and reads as of a day agree with a ledger, while others write: %s', async (_, isLate) => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 8, maxLength: 18 }), async (acts) => {
      const stub = env.SLICED.get(env.SLICED.newUniqueId())
      const answered = (answer: Awaited<ReturnType<typeof ask>>): never => {
        if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`)
        return JSON.parse(answer.body === '' ? '{}' : answer.body) as never
      }
      const write = async (noun: string, verb: string, body: object, of: object = {}): Promise<Entity> =>
        answered(await askWrite(stub, caller, { noun, verb, body: JSON.stringify(body), ...of }))
      const clock = async (body: object): Promise<void> => {
        answered(await ask(stub, caller, { kind: 'write', verb: 'clock.set', noun: '', body: JSON.stringify(body) }))
      }
      const read = async (name: string, parameters: Readonly<Record<string, string>>): Promise<Report> =>
        answered(await askRead(stub, caller, { read: 'metric', id: name, parameters }))
      await clock({ now: new Date(startMs - 4 * dayMs).toISOString() })
      const customer = (await write('Customer', 'create', { name: 'Ada', email: 'ada@example.com' })).$id
      const prices: Entity[] = []
      for (const interval of ['Monthly', 'Yearly'])
        prices.push(await write('Price', 'create', { interval, amount: 1_200, currency: 'USD' }))
      await clock({ advance: 'P4D' })
      const versions: Version[] = []
      const live: Entity[] = []
      const deals: Entity[] = []
      for (let day = 0; day < days; day++) {
        for (const { kind, at: chosen, quantity, lateDays, day: own } of acts) {
          if (own !== day) continue
          const happened = new Date(startMs + (day - lateDays) * dayMs)
          const of = isLate && lateDays > 0 ? { at: happened.toISOString() } : {}
          const beganMs = isLate && lateDays > 0 ? happened.getTime() : startMs + day * dayMs
          if (kind === 'offer' || (kind === 'drop' && deals.length === 0)) {
            deals.push(await write('Deal', 'create', { name: 'a', value: quantity, currency: 'USD' }, of))
            versions.push({ id: deals.at(-1)?.$id ?? '', startMs: beganMs, amount: quantity })
            continue
          }
          if (kind === 'drop') {
            const [dropped] = deals.splice(chosen % deals.length, 1)
            await write('Deal', 'delete', {}, { id: dropped?.$id, ...of })
            versions.push({ id: dropped?.$id ?? '', startMs: beganMs, amount: undefined })
            continue
          }
          const target = live[chosen % Math.max(1, live.length)]
          const isNew = kind === 'create' || target === undefined
          const price = isNew ? prices[chosen % 2] : prices.find(({ $id }) => $id === target['price'])
          const monthly = (12 * quantity) / (price?.['interval'] === 'Yearly' ? 12 : 1)
          if (isNew) {
            const made = { customer, price: price?.$id, quantity, status: 'Active' }
            const entity = await write('Subscription', 'create', made, of)
            live.push(entity)
            versions.push({ id: entity.$id, startMs: beganMs, amount: monthly })
            continue
          }
          await write('Subscription', kind, kind === 'upgrade' ? { quantity } : {}, { id: target.$id, ...of })
          versions.push({ id: target.$id, startMs: beganMs, amount: kind === 'upgrade' ? monthly : undefined })
          if (kind !== 'upgrade') live.splice(live.indexOf(target), 1)
        }
        await clock({ advance: 'P1D' })
      }
      const dateOf = (day: number): string => new Date(startMs + day * dayMs).toISOString().slice(0, 10)
      const range = { from: dateOf(0), to: dateOf(days - 1), step: 'day' }
      const names = ['mrr', 'active_subscriptions', 'pipeline'] as const
      const series = Promise.all([...names, 'nrr'].map((name) => read(name, range)))
      await write('Subscription', 'create', { customer, price: prices[0]?.$id, quantity: 1_000, status: 'Active' })
      const reports = await series
      // Later reads keep what a series has computed, unless a late change makes it wrong.
      const late = isLate
        ? [
            { day: 2, quantity: 7 },
            { day: days - 2, quantity: 9 },
          ]
        : []
      for (const { day, quantity } of late) {
        const at = new Date(startMs + day * dayMs).toISOString()
        const made = { customer, price: prices[0]?.$id, quantity, status: 'Active' }
        const { $id } = await write('Subscription', 'create', made, { at })
        versions.push({ id: $id, startMs: Date.parse(at), amount: 12 * quantity })
        const again = await read('mrr', range)
        for (const [other, { value }] of again.history.entries())
          expect(value, `mrr on day ${other} after a late change of day ${day}`).toBeCloseTo(
            levelBefore(versions, startMs + (other + 1) * dayMs)['mrr'] ?? 0,
            6,
          )
      }
      // The movements add up to the change of the level, whatever happened.
      const moved = await Promise.all(movementParts.map((part) => read(`mrr_${part}`, range)))
      for (let day = 0; day < days; day++) {
        const sum = moved.reduce((total, { history }) => total + (history[day]?.value ?? 0), 0)
        const was = levelBefore(versions, startMs + day * dayMs)['mrr'] ?? 0
        const is = levelBefore(versions, startMs + (day + 1) * dayMs)['mrr'] ?? 0
        expect(sum, `movements of day ${day}`).toBeCloseTo(is - was, 6)
      }
      for (const [at, name] of [...names, 'nrr'].entries()) {
        const again = await read(name, range)
        if (isLate) reports[at] = again
        else expect(again.history).toEqual(reports[at]?.history)
      }
      for (let day = 0; day < days; day += 2) {
        const expected = levelBefore(versions, startMs + (day + 1) * dayMs)
        const one = { from: dateOf(day), to: dateOf(day), step: 'day' }
        const asOf = new Date(startMs + (day + 1) * dayMs - 1).toISOString()
        for (const [at, name] of names.entries()) {
          const wanted = expected[name] ?? 0
          expect(reports[at]?.history[day]?.value, `${name} on day ${day}`).toBeCloseTo(wanted, 6)
          expect((await read(name, one)).history[0]?.value, `${name} of day ${day} alone`).toBeCloseTo(wanted, 6)
          if (!isLate) expect((await read(name, { asOf })).value, `${name} as of day ${day}`).toBeCloseTo(wanted, 6)
        }
        expect((await read('nrr', one)).history[0]?.value).toBe(reports[3]?.history[day]?.value)
      }
    }),
    { numRuns: runs },
  )
})

test('recurring revenue moves by what is new, grows, shrinks, ends and comes back, in each month and alone', async () => {
  const stub = env.SLICED.get(env.SLICED.newUniqueId())
  const answered = (answer: Awaited<ReturnType<typeof ask>>): never => {
    if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`)
    return JSON.parse(answer.body === '' ? '{}' : answer.body) as never
  }
  const write = async (noun: string, verb: string, body: object, of: object = {}): Promise<Entity> =>
    answered(await askWrite(stub, caller, { noun, verb, body: JSON.stringify(body), ...of }))
  const clock = async (body: object): Promise<void> => {
    answered(await ask(stub, caller, { kind: 'write', verb: 'clock.set', noun: '', body: JSON.stringify(body) }))
  }
  await clock({ now: '2026-02-01T00:00:00Z' })
  await write('', 'settings.patch', { paymentTerms: 'P120D' })
  const price = await write('Price', 'create', { interval: 'Monthly', amount: 1_000, currency: 'USD' })
  const customer = (await write('Customer', 'create', { name: 'Ada', email: 'ada@example.com' })).$id
  const begin = async (quantity: number): Promise<string> =>
    (await write('Subscription', 'create', { customer, price: price.$id, quantity, status: 'Active' })).$id
  const [ending, growing, pausing] = [await begin(1), await begin(2), await begin(3)]
  await clock({ advance: '2026-03-10T00:00:00Z' })
  await write('Subscription', 'cancel', {}, { id: ending })
  await write('Subscription', 'upgrade', { quantity: 6 }, { id: growing })
  await write('Subscription', 'pause', {}, { id: pausing })
  await clock({ advance: '2026-04-10T00:00:00Z' })
  await write('Subscription', 'reactivate', {}, { id: pausing })
  await write('Subscription', 'downgrade', { quantity: 1 }, { id: growing })
  await begin(9)
  await clock({ advance: '2026-04-20T00:00:00Z' })
  const expected = {
    new: [60, 0, 90],
    expansion: [0, 40, 0],
    contraction: [0, 0, -50],
    churn: [0, -40, 0],
    reactivation: [0, 0, 30],
  }
  for (const part of movementParts) {
    const read = async (parameters: Readonly<Record<string, string>>): Promise<Report> =>
      answered(await askRead(stub, caller, { read: 'metric', id: `mrr_${part}`, parameters }))
    const { history } = await read({ from: '2026-02-01', to: '2026-04-20', step: 'month' })
    expect([part, history.map(({ value }) => value)]).toEqual([part, expected[part]])
    const april = await read({ from: '2026-04-01', to: '2026-04-20', step: 'month' })
    expect([part, april.history.map(({ value }) => value)]).toEqual([part, expected[part].slice(2)])
  }
})

test('net retention of one day, over states of the past, is that of the day in a series', async () => {
  const stub = env.SLICED.get(env.SLICED.newUniqueId())
  const answered = (answer: Awaited<ReturnType<typeof ask>>): never => {
    if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`)
    return JSON.parse(answer.body === '' ? '{}' : answer.body) as never
  }
  const write = async (noun: string, verb: string, body: object, of: object = {}): Promise<Entity> =>
    answered(await askWrite(stub, caller, { noun, verb, body: JSON.stringify(body), ...of }))
  const clock = async (body: object): Promise<void> => {
    answered(await ask(stub, caller, { kind: 'write', verb: 'clock.set', noun: '', body: JSON.stringify(body) }))
  }
  await clock({ now: '2026-02-01T00:00:00Z' })
  await write('', 'settings.patch', { paymentTerms: 'P120D' })
  const price = await write('Price', 'create', { interval: 'Monthly', amount: 1_000, currency: 'USD' })
  const customer = (await write('Customer', 'create', { name: 'Ada', email: 'ada@example.com' })).$id
  const ids: string[] = []
  for (const quantity of [1, 2, 3])
    ids.push((await write('Subscription', 'create', { customer, price: price.$id, quantity, status: 'Active' })).$id)
  await clock({ advance: 'P20D' })
  await write('Subscription', 'cancel', {}, { id: ids[0] })
  await write('Subscription', 'upgrade', { quantity: 6 }, { id: ids[1] })
  await write('Subscription', 'create', { customer, price: price.$id, quantity: 9, status: 'Active' })
  await clock({ advance: 'P20D' })
  const read = async (parameters: Readonly<Record<string, string>>): Promise<Report> =>
    answered(await askRead(stub, caller, { read: 'metric', id: 'nrr', parameters }))
  const { history } = await read({ from: '2026-02-21', to: '2026-03-12', step: 'day' })
  const alone = await Promise.all(
    history.map(async ({ date }) => (await read({ from: date, to: date, step: 'day' })).history[0]?.value),
  )
  expect(alone).toEqual(history.map(({ value }) => value))
  // On 5 March the subscriptions of 3 February are compared: 60 and 30 of 10, 20 and 30.
  expect(history.find(({ date }) => date === '2026-03-05')?.value).toBe(150)
})

interface Report {
  readonly value: number | null
  readonly history: readonly { readonly date: string; readonly value: number | null }[]
}
