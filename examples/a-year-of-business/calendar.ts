// The calendar of the ledger, with arithmetic of its own: a ledger that used the product's calendar would repeat its mistakes.
// The business is in Berlin: UTC+1, and UTC+2 from the last Sunday of March to the last Sunday of October, 01:00 UTC.

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

export interface LocalTime {
  readonly year: number
  /** From 0. */
  readonly month: number
  readonly day: number
  /** Milliseconds since 00:00 on the wall. */
  readonly ofDayMs: number
}

export function localTime(atMs: number): LocalTime {
  const date = new Date(atMs + offsetMs(atMs))
  const ofDayMs = date.getTime() - Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate())
  return { year: date.getUTCFullYear(), month: date.getUTCMonth(), day: date.getUTCDate(), ofDayMs }
}

/** Returns the instant of a time on the wall. Days and months out of range count on. */
export function instantOf({ year, month, day, ofDayMs }: LocalTime): number {
  const asUtc = Date.UTC(year, month, day) + ofDayMs
  const winter = asUtc - hourMs
  const summer = asUtc - 2 * hourMs
  return offsetMs(summer) === 2 * hourMs ? summer : winter
}

/** Returns the same time on the wall, months later. A day beyond the end of its month becomes the last day. */
export function addMonths(atMs: number, months: number): number {
  const { year, month, day, ofDayMs } = localTime(atMs)
  const lastDay = new Date(Date.UTC(year, month + months + 1, 0)).getUTCDate()
  return instantOf({ year, month: month + months, day: Math.min(day, lastDay), ofDayMs })
}

/** Returns the same time on the wall, days later. */
export function addDays(atMs: number, days: number): number {
  const { day, ...rest } = localTime(atMs)
  return instantOf({ ...rest, day: day + days })
}

const openFromMs = 9 * hourMs
const openUntilMs = 17 * hourMs
const holidays = ['2026-01-01', '2026-04-03', '2026-04-06', '2026-05-01', '2026-12-25']

/** The tenant's settings that say the same. */
export const businessCalendar = {
  timeZone: 'Europe/Berlin',
  businessHours: Object.fromEntries(
    ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'].map((day) => [day, '09:00-17:00']),
  ),
  holidays,
}

/** Returns the time at which this many hours of business have passed: Monday to Friday, 9 to 17, but for holidays. */
export function addBusinessHours(fromMs: number, hours: number): number {
  let leftMs = hours * hourMs
  for (let days = 0; ; days++) {
    const { year, month, day } = localTime(addDays(fromMs, days))
    const date = new Date(Date.UTC(year, month, day))
    const isOpen = date.getUTCDay() % 6 !== 0 && !holidays.includes(date.toISOString().slice(0, 10))
    if (!isOpen) continue
    const beginMs = Math.max(instantOf({ year, month, day, ofDayMs: openFromMs }), fromMs)
    const endMs = instantOf({ year, month, day, ofDayMs: openUntilMs })
    if (endMs <= beginMs) continue
    if (leftMs <= endMs - beginMs) return beginMs + leftMs
    leftMs -= endMs - beginMs
  }
}

function offsetMs(atMs: number): number {
  const year = new Date(atMs).getUTCFullYear()
  const isSummer = atMs >= lastSunday(year, 2) && atMs < lastSunday(year, 9)
  return isSummer ? 2 * hourMs : hourMs
}

/** Returns 01:00 UTC of the last Sunday of a month that has 31 days. */
function lastSunday(year: number, month: number): number {
  const last = new Date(Date.UTC(year, month, 31))
  return Date.UTC(year, month, 31 - last.getUTCDay()) + hourMs
}
