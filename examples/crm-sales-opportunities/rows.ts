// The four files as rows, each with the line it stands on, and what is mended on the way in.

import { readFileSync } from 'node:fs'
import Papa from 'papaparse'

export interface Row {
  /** Of the file, the header being line 1. */
  readonly line: number
  readonly values: Readonly<Record<string, string>>
}

export function readRows(file: string): Row[] {
  const text = readFileSync(new URL(`data/${file}`, import.meta.url), 'utf8')
  const { data, errors } = Papa.parse<Record<string, string>>(text.trim(), { header: true })
  const [error] = errors
  if (error !== undefined) throw new Error(`${file} line ${(error.row ?? 0) + 2}: ${error.message}`)
  return data.map((values, at) => ({ line: at + 2, values }))
}

/** How often each kind of dirt was met and mended. */
export class Repairs {
  readonly counts = new Map<string, number>()

  note(kind: string): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1)
  }
}

/** `20-10-2016` -> `2016-10-20`; undefined for none. */
export function readDate(text: string | undefined, repairs: Repairs): string | undefined {
  if (text === undefined || text === '') return undefined
  const match = /^(\d{2})-(\d{2})-(\d{4})$/.exec(text)
  if (match === null) return text
  repairs.note('day-first date turned around')
  return `${match[3]}-${match[2]}-${match[1]}`
}

/** A number, or the text as it is, which the server then refuses by name. */
export function readNumber(text: string | undefined): number | string | undefined {
  if (text === undefined || text === '') return undefined
  const value = Number(text)
  return Number.isNaN(value) ? text : value
}

export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}
