// Gap-free numbers, such as those of invoices: `INV-2026-0007`. A number is assigned in the write lane and counted in the same
// transaction, so a refused, rolled back or dry-run commit uses none.

import { amountRulesOf, assert, countedPeriod, type EntityFields, formatNumber } from 'digital-objects'
import type { SettingsState } from '../state/settings-state.ts'
import type { StorageHandler } from '../state/storage-handler.ts'
import type { Change } from './change.ts'
import { quoteName } from '../state/column.ts'
import type { NounTable } from '../state/noun-table.ts'

/** Numbers that somebody has given by hand are skipped, and at most this many of them. */
const skippedMax = 100_000

interface Counted {
  /** `number Invoice.number 2026`, the key in the table `meta`. */
  readonly key: string
  readonly last: number
}

export interface Numbered {
  readonly fields: EntityFields
  /** The counters to store once the change is made. */
  readonly counters: readonly Counted[]
}

interface Parts {
  readonly sql: SqlStorage
  readonly state: StorageHandler
  readonly settings: SettingsState
}

/** Returns the fields with the numbers that the verb assigns to fields without a value. The tenant's settings may have another pattern. */
export function withNumbers(
  parts: Parts,
  table: NounTable,
  { change, fields, nowMs }: { readonly change: Change; readonly fields: EntityFields; readonly nowMs: number },
): Numbered {
  const { schema, verb } = change
  const due = amountRulesOf(schema).numbers.filter(({ by, field }) => by === verb.name && fields[field] === undefined)
  if (due.length === 0) return { fields, counters: [] }
  const { numbers, timeZone: zone } = parts.settings.current
  const counters: Counted[] = []
  const numbered: Record<string, EntityFields[string]> = { ...fields }
  for (const { field, pattern: declared } of due) {
    const pattern = numbers[schema.name] ?? declared
    const key = ['number', `${schema.name}.${field}`, countedPeriod(pattern, { atMs: nowMs, zone })].join(' ').trim()
    const used = readCounter(parts.sql, key)
    let last = used + 1
    const next = (): string => formatNumber(pattern, { atMs: nowMs, zone, number: last })
    while (isTaken(parts, table, { field, number: next(), id: change.target ?? '' })) {
      last++
      assert(last - used <= skippedMax, 'numbers given by hand are few')
    }
    numbered[field] = next()
    counters.push({ key, last })
  }
  return { fields: numbered, counters }
}

/** Call it in the transaction that makes the change. */
export function storeCounters(sql: SqlStorage, counters: readonly Counted[]): void {
  for (const { key, last } of counters)
    sql.exec('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value', key, String(last))
}

function readCounter(sql: SqlStorage, key: string): number {
  const [row] = sql.exec<{ value: string }>('SELECT value FROM meta WHERE key = ?', key).toArray()
  return Number(row?.value ?? 0)
}

function isTaken(
  { state }: Pick<Parts, 'state'>,
  table: NounTable,
  { field, number, id }: { readonly field: string; readonly number: string; readonly id: string },
): boolean {
  const column = table.uniqueColumns.find((unique) => unique.field === field)
  assert(column !== undefined, 'a field with numbers is unique')
  return state.idWithValue(table, { expression: quoteName(column.name), value: number, id }) !== undefined
}
