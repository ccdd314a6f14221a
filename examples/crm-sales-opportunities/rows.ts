// The four files as rows, each with the line it stands on, and what is mended on the way in.

import { readFileSync } from 'node:fs'
import Papa from 'papaparse'

export interface Row<Column extends string> {
  /** Of the file, the header being line 1. */
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

/** Throws where the file has other columns than these. */
export function readRows<Column extends string>(file: string, columns: readonly Column[]): Row<Column>[] {
  const text = readFileSync(new URL(`data/${file}`, import.meta.url), 'utf8')
  const { data, errors, meta } = Papa.parse<Record<Column, string>>(text.trim(), { header: true })
  const [error] = errors
  if (error !== undefined) throw new Error(`${file} line ${(error.row ?? 0) + 2}: ${error.message}`)
  if (String(meta.fields) !== String(columns))
    throw new Error(`${file} expects the columns ${String(columns)}, got ${String(meta.fields)}`)
  return data.map((values, at) => ({ line: at + 2, values }))
}

/** How often each kind of dirt was met and mended. */
export class Repairs {
  readonly counts = new Map<string, number>()

  note(kind: string): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1)
  }
}

/** `20-10-2016` -> `2016-10-20`; null for none. */
export function readDate(text: string, repairs: Repairs): string | null {
  if (text === '') return null
  const match = /^(\d{2})-(\d{2})-(\d{4})$/.exec(text)
  if (match === null) return text
  repairs.note('day-first date turned around')
  return `${match[3]}-${match[2]}-${match[1]}`
}

/** What is no number is NaN, which the client then refuses by its field. */
export function readNumber(text: string): number | null {
  return text === '' ? null : Number(text)
}

export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}
