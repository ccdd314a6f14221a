// Cron expressions of five fields, `minute hour day month weekday`, as POSIX defines them, with steps (`*/15`) and names
// (`MON-FRI`). They are read in a time zone: a time that clocks skip counts as that much later, and of a time that occurs
// twice only the first one counts.

import { daysInMonth } from '../base/days-in-month.ts'
import { instantOf, localTime } from './zone.ts'

export interface Cron {
  readonly minutes: readonly number[]
  readonly hours: readonly number[]
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  /** Sunday is 0. */
  readonly weekdays: ReadonlySet<number>
  /** Whether the day of the month, or that of the week, is enough. POSIX says so if neither is `*`. */
  readonly isEitherDay: boolean
}

const charactersMax = 200
/** The 29th of February that is a given weekday can be 40 years away. */
const daysMax = 41 * 366

const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const weekdayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']

/** Returns undefined for a text that is no cron expression, or whose day never comes. */
export function parseCron(text: string): Cron | undefined {
  const parts = text.length > charactersMax ? [] : text.trim().split(/\s+/)
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = parts
  const minutes = parseField(minute, { min: 0, max: 59 })
  const hours = parseField(hour, { min: 0, max: 23 })
  const days = parseField(day, { min: 1, max: 31 })
  const months = parseField(month, { min: 1, max: 12, names: monthNames })
  // Both 0 and 7 are Sunday.
  const weekdays = parseField(weekday, { min: 0, max: 7, names: weekdayNames })
  if (parts.length !== 5 || !minutes || !hours || !days || !months || !weekdays) return undefined
  const cron = {
    minutes,
    hours,
    days: new Set(days),
    months: new Set(months),
    weekdays: new Set(weekdays.map((one) => one % 7)),
    isEitherDay: !day.startsWith('*') && !weekday.startsWith('*'),
  }
  return comes(cron) ? cron : undefined
}

/** Returns the first time of the expression after an instant. */
export function nextCronTime(cron: Cron, zone: string, afterMs: number): number | undefined {
  const { year, month, day } = localTime(zone, afterMs)
  for (let days = 0; days < daysMax; days++) {
    const date = new Date(Date.UTC(year, month - 1, day + days))
    const found = isDay(cron, date) ? firstOfDay(cron, { zone, date, afterMs }) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

function firstOfDay(
  { hours, minutes }: Cron,
  { zone, date, afterMs }: { readonly zone: string; readonly date: Date; readonly afterMs: number },
): number | undefined {
  const day = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
  for (const hour of hours) {
    // The last minute of an hour tells whether any of them is late enough.
    if (instantOf(zone, { ...day, hour, minute: 59, second: 0 }) <= afterMs) continue
    for (const minute of minutes) {
      const instant = instantOf(zone, { ...day, hour, minute, second: 0 })
      if (instant > afterMs) return instant
    }
  }
  return undefined
}

function isDay({ days, months, weekdays, isEitherDay }: Cron, date: Date): boolean {
  if (!months.has(date.getUTCMonth() + 1)) return false
  const [isOfMonth, isOfWeek] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())]
  return isEitherDay ? isOfMonth || isOfWeek : isOfMonth && isOfWeek
}

/** Whether a month has a day of the expression: no month has the 31st of February. */
function comes({ days, months, isEitherDay }: Cron): boolean {
  if (isEitherDay) return true
  const first = Math.min(...days)
  // A leap year has the longest February.
  return [...months].some((month) => first <= daysInMonth(new Date(Date.UTC(2024, month - 1))))
}

interface Range {
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
}

/** Returns the values in ascending order. */
function parseField(text: string, range: Range): readonly number[] | undefined {
  const values = new Set<number>()
  for (const part of text.split(',')) {
    const [span = '', step, ...others] = part.split('/')
    const bounds = parseSpan(span, range, step !== undefined)
    const every = step === undefined ? 1 : /^\d{1,2}$/.test(step) ? Number(step) : 0
    if (bounds === undefined || every < 1 || others.length > 0) return undefined
    for (let value = bounds.from; value <= bounds.to; value += every) values.add(value)
  }
  return [...values].toSorted((a, b) => a - b)
}

/** With a step, a single value is the start of a range up to the end: `5/15`. */
function parseSpan(
  text: string,
  range: Range,
  hasStep: boolean,
): { readonly from: number; readonly to: number } | undefined {
  if (text === '*') return { from: range.min, to: range.max }
  const [first = '', last, ...others] = text.split('-')
  const from = parseValue(first, range)
  const to = last === undefined ? (hasStep ? range.max : from) : parseValue(last, range)
  return from === undefined || to === undefined || to < from || others.length > 0 ? undefined : { from, to }
}

function parseValue(text: string, { min, max, names = [] }: Range): number | undefined {
  const name = names.indexOf(text.toUpperCase())
  if (name >= 0) return name + min
  if (!/^\d{1,2}$/.test(text)) return undefined
  const value = Number(text)
  return value >= min && value <= max ? value : undefined
}
