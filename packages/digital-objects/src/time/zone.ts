// Local times of an IANA time zone, from the platform's own data (`Intl`).

/** A time on the clocks of a zone. `month` and `day` count from 1. */
export interface LocalTime {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/** Returns the zone's name in its own spelling, or undefined if there is no such zone. */
export function parseTimeZone(name: string): string | undefined {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return undefined
  try {
    const { timeZone } = new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions()
    // The platform replaces an old name by a newer one, and `Etc/UTC` by `UTC`; the caller's name stays.
    return timeZone.toLowerCase() === name.toLowerCase() ? timeZone : name
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Returns the local time of an instant. Milliseconds are dropped. */
export function localTime(zone: string, atMs: number): LocalTime {
  const date = new Date(atMs + offsetMs(zone, atMs))
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  }
}

/**
 * Returns the instant of a local time. A time that clocks skip counts as that much later, and of a time that occurs twice
 * the first one counts. Members may exceed their range: hour 24 is midnight of the next day.
 */
export function instantOf(zone: string, local: LocalTime): number {
  const { year, month, day, hour, minute, second } = local
  const asUtcMs = Date.UTC(year, month - 1, day, hour, minute, second)
  // No zone changes its clocks twice in two days.
  const [before, after] = [offsetMs(zone, asUtcMs - dayMs), offsetMs(zone, asUtcMs + dayMs)]
  const earlier = asUtcMs - Math.max(before, after)
  const later = asUtcMs - Math.min(before, after)
  if (offsetMs(zone, earlier) === asUtcMs - earlier) return earlier
  if (offsetMs(zone, later) === asUtcMs - later) return later
  return asUtcMs - before
}

/** Returns the milliseconds by which the zone's clocks are ahead of UTC. */
export function offsetMs(zone: string, atMs: number): number {
  if (zone === 'UTC') return 0
  const at = Math.floor(atMs / 1_000) * 1_000
  const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = (
    formatOf(zone).format(at).match(/\d+/g) ?? []
  ).map(Number)
  return Date.UTC(year, month - 1, day, hour, minute, second) - at
}

const dayMs = 86_400_000

/** A pure cache: making a format takes far longer than using it. There are some 600 zones. */
const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(zone, format)
  return format
}
