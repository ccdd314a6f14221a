// The checks of settings' values. Each returns the value, or throws a WrongSetting that says what was expected.

import { isCurrency } from '../base/currency.ts'
import { isDate } from '../base/datetime.ts'
import { parseDuration } from '../base/duration.ts'
import { isPlainObject } from '../base/is-object.ts'
import { isNumberPattern } from './number-pattern.ts'
import { type BusinessHours, parseOpenings, weekdays } from '../time/business-time.ts'
import { parseTimeZone } from '../time/zone.ts'

export type Check<Value> = (value: unknown) => Value

/** `path` is the place inside the setting, or empty. */
export class WrongSetting extends Error {
  readonly path: string

  constructor(path: string, expected: string, value: unknown) {
    super(`expects ${expected}, got ${shown(value)}`)
    this.path = path
  }
}

const holidaysMax = 1_000
const namesMax = 50
const retriesMax = 10
/** A target in business hours is counted day by day, so it must not be too long. */
const targetMsMax = 366 * 86_400_000

export const timeZoneOf: Check<string> = (value) => {
  const zone = typeof value === 'string' ? parseTimeZone(value) : undefined
  if (zone === undefined) throw new WrongSetting('', 'an IANA time zone such as Europe/Berlin', value)
  return zone
}

export const currencyOf: Check<string> = (value) => {
  // Settings from before this list may have a currency of the past.
  if (typeof value === 'string' && (isCurrency(value) || Intl.supportedValuesOf('currency').includes(value)))
    return value
  throw new WrongSetting('', 'an ISO 4217 code such as EUR', value)
}

export const businessHoursOf: Check<BusinessHours | null> = (value) => {
  if (value === null) return null
  if (!isPlainObject(value)) throw new WrongSetting('', 'an object such as {"monday":"09:00-17:00"}, or null', value)
  const hours: { [day: string]: string } = {}
  for (const [day, text] of Object.entries(value)) {
    if (!weekdays.some((known) => known === day))
      throw new WrongSetting(day.slice(0, 64), `one of ${weekdays.join(', ')}`, day)
    if (typeof text !== 'string' || parseOpenings(text) === undefined)
      throw new WrongSetting(day, 'ranges in order such as 09:00-12:00,13:00-17:00', text)
    hours[day] = text
  }
  if (Object.keys(hours).length === 0) throw new WrongSetting('', 'at least one open day, or null', value)
  return hours
}

export const datesOf: Check<readonly string[]> = (value) => {
  const dates = listOf(value, { max: holidaysMax, expected: 'a list of dates such as 2026-12-25' })
  return dates.map((date, at) => {
    if (typeof date === 'string' && isDate(date)) return date
    throw new WrongSetting(String(at), 'a date such as 2026-12-25', date)
  })
}

export const targetsOf: Check<{
  readonly firstResponse: Readonly<Record<string, string>>
  readonly resolution: Readonly<Record<string, string>>
}> = (value) => {
  if (!isPlainObject(value)) throw new WrongSetting('', 'an object with firstResponse and resolution', value)
  const other = Object.keys(value).find((name) => name !== 'firstResponse' && name !== 'resolution')
  if (other !== undefined) throw new WrongSetting(other.slice(0, 64), 'firstResponse or resolution', other)
  const { firstResponse, resolution } = value
  return {
    firstResponse: durationsOf('firstResponse', firstResponse),
    resolution: durationsOf('resolution', resolution),
  }
}

export const patternsOf: Check<Readonly<Record<string, string>>> = (value) => {
  if (!isPlainObject(value)) throw new WrongSetting('', 'an object such as {"Invoice":"INV-{number}"}', value)
  const entries = Object.entries(value)
  if (entries.length > namesMax) throw new WrongSetting('', `at most ${namesMax} patterns`, entries.length)
  return Object.fromEntries(entries.map(([noun, pattern]) => [noun, patternOf(noun, pattern)]))
}

export const durationOf: Check<string> = (value) => {
  if (isDuration(value)) return value
  throw new WrongSetting('', 'an ISO 8601 duration such as P14D', value)
}

export const daysOf: Check<readonly number[]> = (value) => {
  const days = listOf(value, { max: retriesMax, expected: 'a list of numbers of days such as [3, 5, 7]' })
  const numbers: number[] = []
  for (const [at, day] of days.entries()) {
    const isLater =
      Number.isInteger(day) && Number(day) >= 1 && Number(day) <= 365 && Number(day) > (numbers.at(-1) ?? 0)
    if (!isLater) throw new WrongSetting(String(at), 'a whole number of days from 1 to 365, in ascending order', day)
    numbers.push(Number(day))
  }
  return numbers
}

/** Returns the check of a setting that is one of these words. */
export function oneOf<Word extends string>(...words: readonly Word[]): Check<Word> {
  return (value) => {
    const word = words.find((one) => one === value)
    if (word === undefined) throw new WrongSetting('', words.join(' or '), value)
    return word
  }
}

/** `{year}`, `{month}` and `{day}` are those of the tenant's time zone; `{number:4}` has at least four digits. */
function patternOf(noun: string, pattern: unknown): string {
  const expected = 'a pattern of at most 64 characters with one {number}, such as INV-{year}-{number:4}'
  if (typeof pattern === 'string' && isNumberPattern(pattern)) return pattern
  throw new WrongSetting(noun.slice(0, 64), expected, pattern)
}

function durationsOf(path: string, value: unknown): Readonly<Record<string, string>> {
  if (!isPlainObject(value)) throw new WrongSetting(path, 'an object such as {"Urgent":"PT1H"}', value)
  const entries = Object.entries(value)
  if (entries.length > namesMax) throw new WrongSetting(path, `at most ${namesMax} priorities`, entries.length)
  return Object.fromEntries(
    entries.map(([name, duration]) => {
      if (!isDuration(duration))
        throw new WrongSetting(
          `${path}.${name.slice(0, 64)}`,
          'an ISO 8601 duration such as PT4H, of at most a year',
          duration,
        )
      return [name, duration]
    }),
  )
}

function isDuration(value: unknown): value is string {
  const duration = typeof value === 'string' ? parseDuration(value) : undefined
  return duration !== undefined && (duration.months / 12) * targetMsMax + duration.ms <= targetMsMax
}

function listOf(
  value: unknown,
  { max, expected }: { readonly max: number; readonly expected: string },
): readonly unknown[] {
  if (Array.isArray(value) && value.length <= max) return value
  throw new WrongSetting('', `${expected}, at most ${max}`, value)
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
