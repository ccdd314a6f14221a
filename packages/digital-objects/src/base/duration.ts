// ISO 8601 durations: `P1M`, `P2W`, `P1DT12H`. A month is a calendar month, so the length of a duration depends on its
// start.

import { daysInMonth } from './days-in-month.ts'

export interface Duration {
  readonly months: number
  readonly ms: number
}

const secondMs = 1_000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** Whole numbers of at most six digits, so that every sum is exact. */
const pattern = new RegExp(
  String.raw`^P(?=\d|T\d)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?` +
    String.raw`(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$`,
)

/** Returns undefined unless the string is a duration of whole, positive units. */
export function parseDuration(string: string): Duration | undefined {
  const match = pattern.exec(string)
  if (match === null) return undefined
  const [years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((digits) => Number(digits ?? 0))
  return {
    months: 12 * years + months,
    ms: (7 * weeks + days) * dayMs + hours * hourMs + minutes * minuteMs + seconds * secondMs,
  }
}

/** Adds the months first, then the rest. A day beyond the end of its month becomes the last day: Jan 31 + P1M is Feb 28. */
export function addDuration(atMs: number, { months, ms }: Duration): number {
  const date = new Date(atMs)
  const day = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + months)
  date.setUTCDate(Math.min(day, daysInMonth(date)))
  return date.getTime() + ms
}
