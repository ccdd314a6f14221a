// Business time: the hours in which a business is open, in its time zone, without its holidays.

import { instantOf, localTime } from './zone.ts'

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
export type Weekday = (typeof weekdays)[number]

/** Maps a weekday to its opening hours, `09:00-12:00,13:00-17:00`. A weekday that is missing is closed. */
export type BusinessHours = { readonly [Day in Weekday]?: string }

export interface BusinessCalendar {
  readonly timeZone: string
  /** Null if the business is always open. */
  readonly businessHours: BusinessHours | null
  /** Dates on which it is closed: `2026-12-25`. */
  readonly holidays: readonly string[]
}

/** A range of minutes of a day. */
interface Opening {
  readonly fromMinute: number
  /** Exclusive; at most 1440. */
  readonly toMinute: number
}

/** Limits the days that are looked at. A calendar without an open day in that time adds nothing. */
const daysMax = 20_000

/**
 * Returns the instant at which this much business time has passed. Without any, it is the instant itself, even outside
 * business hours. Returns undefined if the business does not open for so long again.
 */
export function addBusinessTime(calendar: BusinessCalendar, fromMs: number, ms: number): number | undefined {
  const { businessHours } = calendar
  if (businessHours === null || ms === 0) return fromMs + ms
  let leftMs = ms
  for (const { startMs, endMs } of openingsFrom({ ...calendar, businessHours }, fromMs)) {
    const beginMs = Math.max(startMs, fromMs)
    if (endMs <= beginMs) continue
    if (leftMs <= endMs - beginMs) return beginMs + leftMs
    leftMs -= endMs - beginMs
  }
  return undefined
}

/** Whether the business is open at an instant. */
export function isBusinessTime(calendar: BusinessCalendar, atMs: number): boolean {
  const { businessHours } = calendar
  if (businessHours === null) return true
  for (const { startMs, endMs } of openingsFrom({ ...calendar, businessHours }, atMs))
    if (endMs > atMs) return startMs <= atMs
  return false
}

/** Parses `09:00-12:00,13:00-17:00`. Returns undefined unless the ranges are in order and do not overlap. */
export function parseOpenings(text: string): readonly Opening[] | undefined {
  const openings: Opening[] = []
  let freeMinute = 0
  for (const part of text.split(',')) {
    const match = /^(\d{2}):(\d{2})-(\d{2}):(\d{2})$/.exec(part.trim())
    if (match === null) return undefined
    const [fromHour = 0, from = 0, toHour = 0, to = 0] = match.slice(1).map(Number)
    const [fromMinute, toMinute] = [fromHour * 60 + from, toHour * 60 + to]
    if (from > 59 || to > 59 || fromMinute < freeMinute || toMinute <= fromMinute || toMinute > 1_440) return undefined
    openings.push({ fromMinute, toMinute })
    freeMinute = toMinute
  }
  return openings
}

interface OpenCalendar extends BusinessCalendar {
  readonly businessHours: BusinessHours
}

/** Yields the openings in their order, from the day before the instant on, whose last opening may end at midnight. */
function* openingsFrom(
  { timeZone, businessHours, holidays }: OpenCalendar,
  fromMs: number,
): Generator<{ readonly startMs: number; readonly endMs: number }> {
  const byWeekday = weekdays.map((day) => parseOpenings(businessHours[day] ?? '') ?? [])
  const closed = new Set(holidays)
  const { year, month, day } = localTime(timeZone, fromMs)
  for (let days = -1; days < daysMax; days++) {
    const date = new Date(Date.UTC(year, month - 1, day + days))
    const openings = byWeekday[(date.getUTCDay() + 6) % 7] ?? []
    if (openings.length === 0 || closed.has(date.toISOString().slice(0, 10))) continue
    const instant = (minute: number): number =>
      instantOf(timeZone, {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
        hour: Math.floor(minute / 60),
        minute: minute % 60,
        second: 0,
      })
    for (const { fromMinute, toMinute } of openings) yield { startMs: instant(fromMinute), endMs: instant(toMinute) }
  }
}
