// A series of levels in slices has on each day the value that a read as of that day has, which takes another way.

import { env } from 'cloudflare:test'
import { type Entity, fullAuthority } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ask, askRead, askWrite } from '../../test/ask-tenant.ts'

const runs = Number(process.env['RUNS'] ?? 2)
const days = 12
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
  kind: fc.constantFrom('create', 'upgrade', 'cancel', 'pause'),
})

test('a series in slices is the same as reads of each day, while others write', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 8, maxLength: 25 }), async (acts) => {
      const stub = env.SLICED.get(env.SLICED.newUniqueId())
      const answered = (answer: Awaited<ReturnType<typeof ask>>): never => {
        if (!answer.ok) throw new Error(`${answer.error.code}: ${answer.error.message}`)
        return JSON.parse(answer.body === '' ? '{}' : answer.body) as never
      }
      const write = async (noun: string, verb: string, body: object, id?: string): Promise<Entity> =>
        answered(await askWrite(stub, caller, { noun, verb, body: JSON.stringify(body), ...(id && { id }) }))
      const clock = async (body: object): Promise<void> => {
        answered(await ask(stub, caller, { kind: 'write', verb: 'clock.set', noun: '', body: JSON.stringify(body) }))
      }
      const read = async (name: string, parameters: Readonly<Record<string, string>>): Promise<Report> =>
        answered(await askRead(stub, caller, { read: 'metric', id: name, parameters }))
      await clock({ now: new Date(startMs).toISOString() })
      const customer = (await write('Customer', 'create', { name: 'Ada', email: 'ada@example.com' })).$id
      const prices: Entity[] = []
      for (const interval of ['Monthly', 'Yearly'])
        prices.push(await write('Price', 'create', { interval, amount: 1_200, currency: 'USD' }))
      const live: Entity[] = []
      for (let day = 0; day < days; day++) {
        for (const one of acts.filter((all) => all.day === day)) {
          const target = live[one.at % Math.max(1, live.length)]
          if (one.kind === 'create' || target === undefined) {
            const price = prices[one.at % 2]?.$id
            const body = { customer, price, quantity: one.quantity, status: 'Active' }
            live.push(await write('Subscription', 'create', body))
          } else if (one.kind === 'upgrade')
            await write('Subscription', 'upgrade', { quantity: one.quantity }, target.$id)
          else {
            await write('Subscription', one.kind, {}, target.$id)
            live.splice(live.indexOf(target), 1)
          }
        }
        await clock({ advance: 'P1D' })
      }
      const range = { from: '2026-02-01', to: '2026-02-12', step: 'day' }
      const series = Promise.all(['mrr', 'active_subscriptions', 'nrr'].map((name) => read(name, range)))
      await write('Subscription', 'create', { customer, price: prices[0]?.$id, quantity: 1_000, status: 'Active' })
      const [mrr, active, nrr] = await series
      for (let day = 0; day < days; day++) {
        const asOf = new Date(startMs + (day + 1) * 86_400_000 - 1).toISOString()
        for (const [name, report] of [
          ['mrr', mrr],
          ['active_subscriptions', active],
        ] as const)
          expect(report?.history[day]?.value, `${name} on day ${day}`).toBeCloseTo(
            (await read(name, { asOf })).value ?? 0,
            6,
          )
      }
      expect(nrr?.history.map(({ value }) => value)).toEqual(Array.from({ length: days }, () => null))
      expect((await read('nrr', { from: '2026-02-01', to: '2026-02-12', step: 'day' })).history).toHaveLength(days)
    }),
    { numRuns: runs },
  )
})

interface Report {
  readonly value: number | null
  readonly history: readonly { readonly value: number | null }[]
}
