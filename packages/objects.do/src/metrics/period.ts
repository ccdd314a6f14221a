// The periods of a series: days, weeks, months, quarters or years of a time zone.

import {
  addDuration,
  bucketOf,
  type Duration,
  type Filter,
  type FilterPath,
  instantOf,
  isDate,
  localTime,
  ObjectError,
  parseDatetime,
  type TimeBucket,
  unreachable,
  type ValuePath,
} from 'digital-objects'

/** The times from `startMs` to `endMs`, which is exclusive. */
export interface Period {
  readonly startMs: number
  readonly endMs: number
}

export interface NamedPeriod extends Period {
  /** `2026-03-05`, `2026-W10`, `2026-03`, … */
  readonly name: string
}

const periodsMax = 1_100

/** Returns the periods in which the range lies, in order. The last one ends at `untilMs` at the latest. */
export function periodsOf(range: {
  readonly fromMs: number
  readonly toMs: number
  readonly untilMs: number
  readonly step: TimeBucket
  readonly zone: string
}): readonly NamedPeriod[] {
  const { fromMs, toMs, untilMs, step, zone } = range
  const periods: NamedPeriod[] = []
  for (let day = firstDayOf(step, localDay(zone, fromMs)); ; day = nextDayOf(step, day)) {
    const startMs = dayToMs(zone, day)
    if (startMs >= toMs || startMs >= untilMs) return periods
    if (periods.length >= periodsMax)
      throw new ObjectError({
        code: 'invalid_parameter',
        field: 'from',
        message: `a series has at most ${periodsMax} values; ask for a shorter time or a longer step`,
      })
    const endMs = Math.min(dayToMs(zone, nextDayOf(step, day)), untilMs)
    periods.push({ name: bucketOf(step, day) ?? '', startMs, endMs })
  }
}

/** Parses a timestamp, or a date in the tenant's zone. The end of a range that is a date includes that day. */
export function rangeTime(
  name: string,
  text: string,
  { zone, isEnd }: { readonly zone: string; readonly isEnd: boolean },
): number {
  const ms = parseDatetime(text)
  if (ms !== undefined) return ms
  if (!isDate(text))
    throw new ObjectError({
      code: 'invalid_parameter',
      field: name,
      message: `${name} expects a date or a timestamp, got '${text.slice(0, 64)}'`,
    })
  const [year = 0, month = 1, day = 1] = text.split('-').map(Number)
  return instantOf(zone, { year, month, day: isEnd ? day + 1 : day, hour: 0, minute: 0, second: 0 })
}

/** The entities whose time lies in the period. */
export function withinPeriod({ paths }: ValuePath, { startMs, endMs }: Period): Filter {
  const leaf = (path: FilterPath, op: 'gte' | 'lt', value: number): Filter => ({ kind: 'compare', path, op, value })
  const of = paths.map((path): Filter => ({
    kind: 'and',
    of: [leaf(path, 'gte', startMs), leaf(path, 'lt', endMs)],
  }))
  return { kind: 'or', of }
}

/** Returns the period of this length that ends with another. */
export function periodBefore(endMs: number, { months, ms }: Duration, zone: string): Period {
  const local = localMs(zone, endMs)
  const start = addDuration(local, { months: -months, ms: -ms })
  return { startMs: localToMs(zone, start), endMs }
}

/** Returns the local day as milliseconds, as if it were UTC; undefined if the time is not the beginning of a day. */
export function dayBeginningAt(zone: string, atMs: number): number | undefined {
  const day = localDay(zone, atMs)
  return dayToMs(zone, day) === atMs ? day : undefined
}

function localMs(zone: string, atMs: number): number {
  const { year, month, day, hour, minute, second } = localTime(zone, atMs)
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((atMs % 1_000) + 1_000) % 1_000)
}

function localToMs(zone: string, local: number): number {
  const date = new Date(local)
  const at = { hour: date.getUTCHours(), minute: date.getUTCMinutes(), second: date.getUTCSeconds() }
  const day = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
  return instantOf(zone, { ...day, ...at }) + date.getUTCMilliseconds()
}

function localDay(zone: string, atMs: number): number {
  const { year, month, day } = localTime(zone, atMs)
  return Date.UTC(year, month - 1, day)
}

function dayToMs(zone: string, day: number): number {
  return localToMs(zone, day)
}

function firstDayOf(step: TimeBucket, day: number): number {
  const date = new Date(day)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  switch (step) {
    case 'day':
      return day
    case 'week':
      return day - ((date.getUTCDay() + 6) % 7) * 86_400_000
    case 'month':
      return Date.UTC(year, month)
    case 'quarter':
      return Date.UTC(year, month - (month % 3))
    case 'year':
      return Date.UTC(year, 0)
    default:
      return unreachable(step)
  }
}

const steps: Readonly<Record<TimeBucket, Duration>> = {
  day: { months: 0, ms: 86_400_000 },
  week: { months: 0, ms: 7 * 86_400_000 },
  month: { months: 1, ms: 0 },
  quarter: { months: 3, ms: 0 },
  year: { months: 12, ms: 0 },
}

function nextDayOf(step: TimeBucket, day: number): number {
  return addDuration(day, steps[step])
}
