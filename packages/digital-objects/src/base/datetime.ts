// Timestamps as RFC 3339 strings with an offset, to the millisecond; dates as `YYYY-MM-DD`.

const pattern = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/
const minMs = Date.parse('0000-01-01T00:00:00Z')
const maxMs = Date.parse('9999-12-31T23:59:59.999Z')

/** Returns milliseconds since 1970, or undefined if the string is not a timestamp. Digits below a millisecond are cut. */
export function parseDatetime(text: string): number | undefined {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHour = '0', offsetMinute = '0'] = match
  if (!isDate(`${year}-${month}-${day}`)) return undefined
  if (
    Number(hour) > 23 ||
    Number(minute) > 59 ||
    Number(second) > 59 ||
    Number(offsetHour) > 23 ||
    Number(offsetMinute) > 59
  )
    return undefined
  const local = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}Z`,
  )
  const offsetMs = (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000
  const ms = sign === '-' ? local + offsetMs : local - offsetMs
  return formatDatetime(ms) === undefined ? undefined : ms
}

/** Returns a string such as `2026-01-15T10:00:00.000Z`, or undefined outside the years 0000 to 9999. */
export function formatDatetime(ms: number): string | undefined {
  return ms >= minMs && ms <= maxMs ? new Date(ms).toISOString() : undefined
}

/** Whether the string is a calendar date, as `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const ms = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)
}
