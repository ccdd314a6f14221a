// Values as a person reads them, in the language's own way of writing numbers, amounts and times.

export interface Format {
  readonly number: (value: number, digitsMax?: number) => string
  readonly money: (value: number, currency: string) => string
  readonly percent: (value: number) => string
  readonly date: (value: string) => string
  readonly time: (value: string | number) => string
  /** `3 hours ago`; a date beyond a week. */
  readonly ago: (value: string, nowMs: number) => string
  readonly month: (value: string) => string
}

const minuteMs = 60_000
const spans = [
  ['day', 24 * 60],
  ['hour', 60],
  ['minute', 1],
] as const

/** An amount as the server has it: minor units of a currency, such as cents. */
export function fromMinor(amount: number, currency: string): number {
  return amount / minorUnits(currency)
}

export function makeFormat(locale: string): Format {
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' })
  const times = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  const months = new Intl.DateTimeFormat(locale, { month: 'short', year: 'numeric', timeZone: 'UTC' })
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const number = (value: number, digitsMax = 2): string =>
    new Intl.NumberFormat(locale, { maximumFractionDigits: digitsMax }).format(value)
  return {
    number,
    percent: (value) => `${number(value, 1)} %`,
    money: (value, currency) => formatMoney(locale, value, currency),
    date: (value) => formatWith(dates, value),
    time: (value) => formatWith(times, value),
    month: (value) => formatWith(months, `${value}-01`),
    ago: (value, nowMs) => {
      const minutes = Math.round((Date.parse(value) - nowMs) / minuteMs)
      if (Number.isNaN(minutes) || Math.abs(minutes) > 7 * 24 * 60) return formatWith(dates, value)
      const [unit, size] = spans.find(([, span]) => Math.abs(minutes) >= span) ?? (['minute', 1] as const)
      return relative.format(Math.round(minutes / size), unit)
    },
  }
}

/** The number of minor units in one of the currency: 100 cents, but 1 yen. */
export function minorUnits(currency: unknown): number {
  try {
    const { maximumFractionDigits = 2 } = new Intl.NumberFormat('en', {
      style: 'currency',
      currency: String(currency),
    }).resolvedOptions()
    return 10 ** maximumFractionDigits
  } catch {
    return 100
  }
}

function formatMoney(locale: string, value: number, currency: string): string {
  const digits = Number.isInteger(value) ? { minimumFractionDigits: 0 } : {}
  try {
    return new Intl.NumberFormat(locale, { style: 'currency', currency, ...digits }).format(value)
  } catch {
    // A code that is no currency.
    return `${value} ${currency}`
  }
}

function formatWith(format: Intl.DateTimeFormat, value: string | number): string {
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? String(value) : format.format(date)
}
