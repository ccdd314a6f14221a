// Cron expressions of five fields, in UTC: minute, hour, day of the month, month, day of the week. As in cron, a day matches
// by either of its two fields if both are restricted.

import { invalid } from './trigger.ts'

export interface Schedule {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  readonly weekdays: ReadonlySet<number>
  readonly isAnyDay: boolean
  readonly isAnyWeekday: boolean
}

interface FieldRange {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
}

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const ranges = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: ['', ...monthNames] },
  { name: 'day of the week', min: 0, max: 7, names: weekdayNames },
] as const satisfies readonly FieldRange[]

/** February 29 comes at most every 8 years. */
const yearsMax = 9
const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** Throws an ObjectError `validation_error` about `schedule`. */
export function parseSchedule(text: string): Schedule {
  const fields = text.trim().split(/\s+/)
  if (text.length > 256 || fields.length !== ranges.length)
    throw invalid('schedule', 'expects five fields of cron such as 0 9 * * 1: minute, hour, day, month and weekday')
  const [minutes, hours, days, months, weekdays] = ranges.map((range, at) => parseField(fields[at] ?? '', range))
  const schedule = {
    minutes: minutes ?? new Set(),
    hours: hours ?? new Set(),
    days: days ?? new Set(),
    months: months ?? new Set(),
    weekdays: new Set([...(weekdays ?? [])].map((day) => day % 7)),
    isAnyDay: fields[2]?.startsWith('*') === true,
    isAnyWeekday: fields[4]?.startsWith('*') === true,
  }
  if (nextTime(schedule, Date.UTC(2024, 0, 1)) === undefined) throw invalid('schedule', 'expects a date that exists')
  return schedule
}

function parseField(text: string, range: FieldRange): ReadonlySet<number> {
  const { name, min, max } = range
  const values = new Set<number>()
  for (const part of text.split(',')) {
    const [, from = '', to, step] = /^(\*|[a-z]{3}|\d{1,2})(?:-([a-z]{3}|\d{1,2}))?(?:\/(\d{1,2}))?$/i.exec(part) ?? []
    const start = from === '*' ? min : valueOf(from, range)
    const last = to === undefined ? (from === '*' || step !== undefined ? max : start) : valueOf(to, range)
    const by = step === undefined ? 1 : Number(step)
    if (start === undefined || last === undefined || start > last || by < 1 || (from === '*' && to !== undefined))
      throw invalid('schedule', `expects a ${name} from ${min} to ${max}, got '${part.slice(0, 32)}'`)
    for (let value = start; value <= last; value += by) values.add(value)
  }
  return values
}

function valueOf(text: string, { min, max, names = [] }: FieldRange): number | undefined {
  const named = names.indexOf(text.toLowerCase())
  const value = named >= 0 && text !== '' ? named : /^\d+$/.test(text) ? Number(text) : Number.NaN
  return value >= min && value <= max ? value : undefined
}

/** Returns the first time of the schedule after `afterMs`; undefined if there is none. */
export function nextTime(schedule: Schedule, afterMs: number): number | undefined {
  const endMs = afterMs + yearsMax * 366 * dayMs
  let atMs = Math.floor(afterMs / minuteMs) * minuteMs + minuteMs
  while (atMs < endMs) {
    const at = new Date(atMs)
    if (!schedule.months.has(at.getUTCMonth() + 1)) atMs = Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1)
    else if (!isDay(schedule, at)) atMs = (Math.floor(atMs / dayMs) + 1) * dayMs
    else if (!schedule.hours.has(at.getUTCHours())) atMs = (Math.floor(atMs / hourMs) + 1) * hourMs
    else if (!schedule.minutes.has(at.getUTCMinutes())) atMs += minuteMs
    else return atMs
  }
  return undefined
}

function isDay({ days, weekdays, isAnyDay, isAnyWeekday }: Schedule, at: Date): boolean {
  const [isOfMonth, isOfWeek] = [days.has(at.getUTCDate()), weekdays.has(at.getUTCDay())]
  return isAnyDay || isAnyWeekday ? isOfMonth && isOfWeek : isOfMonth || isOfWeek
}
