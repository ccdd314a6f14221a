// Patterns of numbers that count documents: `INV-{year}-{number:4}`. The parts of the date let the count begin again.

import { localTime } from '../time/zone.ts'

const charactersMax = 64
const part = String.raw`(?:[^{}]|\{(?:year|month|day)\})*`
const pattern = new RegExp(`^${part}${String.raw`\{number(?::[1-9])?\}`}${part}$`)

export function isNumberPattern(text: string): boolean {
  return text.length <= charactersMax && pattern.test(text)
}

interface PatternTime {
  readonly atMs: number
  readonly zone: string
}

/** Returns the date to which the count belongs, as far as the pattern has it: `2026-03`, or an empty string. */
export function countedPeriod(text: string, { atMs, zone }: PatternTime): string {
  const { year, month, day } = dateParts(atMs, zone)
  if (text.includes('{day}')) return `${year}-${month}-${day}`
  if (text.includes('{month}')) return `${year}-${month}`
  return text.includes('{year}') ? year : ''
}

/** Returns the number with at least as many digits as the pattern says. */
export function formatNumber(text: string, { atMs, zone, number }: PatternTime & { readonly number: number }): string {
  const parts: Readonly<Record<string, string>> = dateParts(atMs, zone)
  return text.replace(/\{(year|month|day|number)(?::([1-9]))?\}/g, (_, name: string, width: string | undefined) =>
    name === 'number' ? String(number).padStart(Number(width ?? 1), '0') : (parts[name] ?? ''),
  )
}

function dateParts(
  atMs: number,
  zone: string,
): { readonly year: string; readonly month: string; readonly day: string } {
  const { year, month, day } = localTime(zone, atMs)
  return { year: String(year), month: String(month).padStart(2, '0'), day: String(day).padStart(2, '0') }
}
