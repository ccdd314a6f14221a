// The alternative to asking for metrics: their levels, kept up to date by each commit. Measures what that would add to a write of
// one subscription, with as much as any implementation needs: each level before and after the change, and a row for each that
// has changed. `docs/decisions/0090-levels-are-asked-for.md` compares it with asking.

import { DatabaseSync } from 'node:sqlite'
import { type CompiledMetric, compileMetric, type Entity, entityReading, matches, nouns } from 'digital-objects'
import { builtInMetrics } from '../packages/objects.do/src/metrics/built-in-metrics.ts'
import { median } from './load.ts'
import type { Finding } from './report.ts'

const rounds = 9
const writesPerRound = 2_000
/** Measured by `bench -- --only writes`: the CPU time of a create. */
const createMicros = 367

interface Level {
  readonly metric: CompiledMetric
  readonly valueOf: (entity: Entity) => { readonly currency: string; readonly value: number } | undefined
}

export function benchMaintained(): Finding[] {
  const price = entityOf('Price', { amount: 4_950, currency: 'EUR', interval: 'Monthly', intervalCount: 1 })
  const levels = levelsOf('Subscription', price)
  const database = new DatabaseSync(':memory:')
  database.exec(
    'CREATE TABLE levels (metric TEXT, currency TEXT, value REAL, entities INTEGER, PRIMARY KEY (metric, currency)) WITHOUT ROWID',
  )
  const add = database.prepare(
    'INSERT INTO levels VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value, entities = entities + excluded.entities',
  )
  const micros: number[] = []
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage()
    for (let at = 0; at < writesPerRound; at++) {
      database.exec('BEGIN')
      const [was, is] = [subscriptionOf(price, at % 9), subscriptionOf(price, (at % 9) + 1)]
      for (const { metric, valueOf } of levels) {
        const [then, now] = [valueOf(was), valueOf(is)]
        if (then?.value === now?.value && then?.currency === now?.currency) continue
        if (then !== undefined) add.run(metric.definition.name, then.currency, -then.value, -1)
        if (now !== undefined) add.run(metric.definition.name, now.currency, now.value, 1)
      }
      database.exec('COMMIT')
    }
    const { user, system } = process.cpuUsage(before)
    micros.push((user + system) / writesPerRound)
  }
  database.close()
  const own = median(micros)
  return [
    {
      what: `for comparison: ${levels.length} levels of a subscription kept up to date by its writes, CPU a write`,
      target: '',
      measured: `${own.toFixed(0)} µs, ${(1 + own / createMicros).toFixed(2)}x of a create (${createMicros} µs)`,
    },
  ]
}

function levelsOf(noun: string, price: Entity): readonly Level[] {
  return builtInMetrics.flatMap((definition) => {
    if (definition.kind !== 'level' || definition.from !== noun) return []
    const metric = compileMetric(definition, (name) => Object.values(nouns).find((one) => one.$name === name)?.$schema)
    const filter = metric.filterAt(0)
    const readingOf = entityReading(metric.aggregate)
    const context = {
      related: () => [price],
      searchable: [],
      regex: () => {
        throw new Error('unexpected regular expression in a metric')
      },
    }
    const valueOf: Level['valueOf'] = (entity) => {
      if (!matches(filter, entity, context)) return undefined
      const { key, values } = readingOf(entity, context.related)
      return { currency: String(key[0] ?? ''), value: typeof values[0] === 'number' ? values[0] : 1 }
    }
    return [{ metric, valueOf }]
  })
}

function subscriptionOf(price: Entity, quantity: number): Entity {
  return entityOf('Subscription', { price: price.$id, customer: 'customer_000000000001', quantity, status: 'Active' })
}

function entityOf(noun: string, fields: Readonly<Record<string, string | number>>): Entity {
  const at = '2026-01-01T00:00:00.000Z'
  const meta = { $context: '', $version: 1, $createdAt: at, $createdBy: 'user_1', $updatedAt: at }
  return { $type: noun, $id: `${noun.toLowerCase()}_000000000001`, ...meta, ...fields }
}
