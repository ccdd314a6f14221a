// The first moment of a day in a time zone, and the day of a moment.

const dayMs = 86_400_000

/** The zone of the person who looks at the page. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** Takes `2026-03-29`, and returns the time at which it begins there. */
export function dayStart(day: string, zone: string): string {
  const asUtcMs = Date.parse(`${day}T00:00:00Z`)
  // The offset is that of the moment itself, which may be on the other side of a change of the clocks.
  const nearMs = asUtcMs - offsetMs(asUtcMs, zone)
  return new Date(asUtcMs - offsetMs(nearMs, zone)).toISOString()
}

/** The last millisecond of a day. */
export function dayEnd(day: string, zone: string): string {
  return new Date(Date.parse(dayStart(dayAfter(day), zone)) - 1).toISOString()
}

export function dayOf(time: string, zone: string): string {
  const ms = Date.parse(time)
  return new Date(ms + offsetMs(ms, zone)).toISOString().slice(0, 10)
}

export function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + dayMs).toISOString().slice(0, 10)
}

function offsetMs(ms: number, zone: string): number {
  const whole = Math.floor(ms / 1_000) * 1_000
  const parts = Object.fromEntries(
    clockOf(zone)
      .formatToParts(whole)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - whole
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const numeric = 'numeric'
  return new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  })
}
