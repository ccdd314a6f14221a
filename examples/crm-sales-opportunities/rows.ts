// Reads the four files as rows with their line numbers, and repairs known faults of the data.

import { readFileSync } from 'node:fs'
import Papa from 'papaparse'

export interface Row<Column extends string> {
  /** The line in the file; the header is line 1. */
  readonly line: number
  readonly values: Readonly<Record<Column, string>>
}

export const opportunityColumns = [
  'opportunity_id',
  'sales_agent',
  'product',
  'account',
  'deal_stage',
  'engage_date',
  'close_date',
  'close_value',
] as const
export type Opportunity = Row<(typeof opportunityColumns)[number]>

/** Throws if the file has other columns than expected. */
export function readRows<Column extends string>(file: string, columns: readonly Column[]): Row<Column>[] {
  const text = readFileSync(new URL(`data/${file}`, import.meta.url), 'utf8')
  const { data, errors, meta } = Papa.parse<Record<Column, string>>(text.trim(), { header: true })
  const [error] = errors
  if (error !== undefined) throw new Error(`${file} line ${(error.row ?? 0) + 2}: ${error.message}`)
  if (String(meta.fields) !== String(columns))
    throw new Error(`${file} expects the columns ${String(columns)}, got ${String(meta.fields)}`)
  return data.map((values, at) => ({ line: at + 2, values }))
}

/** Counts the repairs of each kind. */
export class Repairs {
  readonly counts = new Map<string, number>()

  note(kind: string): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1)
  }
}

/** Converts `20-10-2016` to `2016-10-20`; null for an empty string. */
export function readDate(text: string, repairs: Repairs): string | null {
  if (text === '') return null
  const match = /^(\d{2})-(\d{2})-(\d{4})$/.exec(text)
  if (match === null) return text
  repairs.note('day-first date reordered')
  return `${match[3]}-${match[2]}-${match[1]}`
}

/** Returns NaN for an invalid number, which the client then refuses with the field's name. */
export function readNumber(text: string): number | null {
  return text === '' ? null : Number(text)
}

export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}
