// The formats in which a text cell may have a value: local dates, numbers with local separators, and words for yes and no.

import { currencyExponent, formatDatetime, instantOf, isDate, type LocalTime, parseDatetime } from 'digital-objects'

/** `dmy`: 31.12.2026. */
export type DateOrder = 'dmy' | 'mdy' | 'ymd'
export type DecimalMark = '.' | ','

export interface TextFormats {
  readonly dates?: DateOrder
  readonly decimal?: DecimalMark
  /** Whether amounts are in units of the currency (12.50) or in minor units (1250). */
  readonly amounts?: 'major' | 'minor'
}

/** Words by language: en, de, fr, es, it, pt, nl, pl, cs, sv, ru, uk, ja. */
const trueWords =
  'true yes y t 1 x on wahr ja j oui vrai si sí verdadero vero sim verdadeiro waar tak prawda ano pravda sant да истина так はい 是 ✓'
const falseWords =
  'false no n f 0 - off falsch nein non faux falso não nao onwaar nee nie fałsz falsz ne nepravda nej falskt нет ложь ні いいえ 否'

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...trueWords.split(' ').map((word) => [word, true] as const),
  ...falseWords.split(' ').map((word) => [word, false] as const),
])

export function readBoolean(text: string): boolean | undefined {
  return booleans.get(text.trim().toLowerCase())
}

/** English, German, French, Spanish, Italian, Portuguese and Dutch, by their first letters. */
const months: readonly RegExp[] = [
  /^(?:jan|gen|ene)/,
  /^(?:feb|fév|fev)/,
  /^(?:mar|mär|mrz|mrt|maa)/,
  /^(?:apr|avr|abr)/,
  /^(?:may|mai|mag|mei)/,
  /^(?:jun|juin|giu)/,
  /^(?:jul|juil|lug)/,
  /^(?:aug|aoû|aou|ago)/,
  /^(?:sep|set)/,
  /^(?:oct|okt|ott|out)/,
  /^(?:nov)/,
  /^(?:dec|dez|déc|dic)/,
]

const time = String.raw`(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([ap]\.?m\.?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?`
const numeric = new RegExp(String.raw`^(\d{1,4})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{1,4})${time}$`, 'i')
const named = new RegExp(
  String.raw`^(?:\p{L}+\.?,\s+)?(?:(\d{1,2})(?:\.|st|nd|rd|th)?[\s-]+(?:de\s+)?(\p{L}+)\.?(?:\s+de)?[\s,-]+|(\p{L}+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+)(\d{4})${time}$`,
  'iu',
)

/** The parts of a numeric date, as they are written. */
export function dateParts(
  text: string,
): readonly [first: string, mark: string, second: string, third: string] | undefined {
  const match = numeric.exec(text.trim())
  if (match === null) return undefined
  const [, first = '', mark = '', second = '', third = ''] = match
  return [first, mark, second, third]
}

/** The date as `YYYY-MM-DD`; undefined if the text is none. */
export function readDate(text: string, order: DateOrder): string | undefined {
  const local = readLocal(text, order)
  return local === undefined ? undefined : toDate(local)
}

/** The timestamp in UTC; undefined if the text is none. `zone` is that of a time without an offset. */
export function readDatetime(
  text: string,
  { order, zone }: { readonly order: DateOrder; readonly zone: string },
): string | undefined {
  const trimmed = text.trim()
  const exact = parseDatetime(trimmed)
  if (exact !== undefined) return formatDatetime(exact)
  const local = readLocal(trimmed, order)
  if (local === undefined || toDate(local) === undefined || local.hour > 23 || local.minute > 59 || local.second > 59)
    return undefined
  const { offsetMinutes } = local
  if (offsetMinutes === undefined) return formatDatetime(instantOf(zone, local))
  const { year, month, day, hour, minute, second } = local
  return formatDatetime(Date.UTC(year, month - 1, day, hour, minute, second) - offsetMinutes * 60_000)
}

interface ReadTime extends LocalTime {
  readonly offsetMinutes: number | undefined
}

function readLocal(text: string, order: DateOrder): ReadTime | undefined {
  const trimmed = text.trim()
  const match = numeric.exec(trimmed)
  if (match !== null) {
    const [, first = '', , second = '', third = '', ...rest] = match
    const [year, month, day] =
      first.length > 2
        ? [first, second, third]
        : order === 'ymd'
          ? [first, second, third]
          : order === 'mdy'
            ? [third, first, second]
            : [third, second, first]
    return withTime({ year: fullYear(year), month: Number(month), day: Number(day) }, rest)
  }
  const words = named.exec(trimmed)
  if (words === null) return undefined
  const [, dayFirst, monthLast, monthFirst, dayLast, year = '', ...rest] = words
  const month = months.findIndex((name) => name.test((monthLast ?? monthFirst ?? '').toLowerCase())) + 1
  if (month === 0) return undefined
  return withTime({ year: Number(year), month, day: Number(dayFirst ?? dayLast) }, rest)
}

function withTime(
  date: Pick<LocalTime, 'year' | 'month' | 'day'>,
  [hour = '0', minute = '0', second = '0', half, offset]: readonly (string | undefined)[],
): ReadTime {
  const isAfternoon = half?.toLowerCase().startsWith('p')
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (isAfternoon === true ? 12 : 0)
  return { ...date, hour: hours, minute: Number(minute), second: Number(second), offsetMinutes: toMinutes(offset) }
}

function toMinutes(offset: string | undefined): number | undefined {
  if (offset === undefined) return undefined
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(offset)
  if (match === null) return 0
  const [, sign, hours, minutes] = match
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

/** Two digits are the years 1970 to 2069, as spreadsheets mostly have them. */
function fullYear(text: string): number {
  const year = Number(text)
  return text.length > 2 ? year : year + (year < 70 ? 2_000 : 1_900)
}

function toDate({ year, month, day }: LocalTime): string | undefined {
  const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
  return isDate(text) ? text : undefined
}

const signs: readonly (readonly [RegExp, string])[] = [
  [/€/, 'EUR'],
  [/£/, 'GBP'],
  [/¥|円/, 'JPY'],
  [/zł/i, 'PLN'],
  [/Kč/i, 'CZK'],
  [/₹/, 'INR'],
  [/₽/, 'RUB'],
  [/US\$|\$/, 'USD'],
]

/** The numeral of a text without currency, percent sign and spaces; undefined if the text is none. */
export function numeralOf(
  text: string,
): { readonly numeral: string; readonly isSigned: boolean; readonly currency?: string } | undefined {
  const trimmed = text.trim()
  const isNegative = /^\(.*\)$/.test(trimmed) || trimmed.endsWith('-')
  const bare = isNegative ? trimmed.replaceAll(/[()]|-$/g, '') : trimmed
  const match =
    /^([^\d.,+-]{0,8})?([+-]?)\s?([^\d.,+-]{0,8})?(\d[\d.,'’\s\u00a0\u202f]*(?:e[+-]?\d+)?|[.,]\d+)([^\d]{0,8})$/iu.exec(
      bare,
    )
  if (match === null) return undefined
  const [, before = '', sign = '', between = '', digits = '', after = ''] = match
  const around = `${before}${between}${after}`.replaceAll(/[\s\u00a0\u202f]/g, '')
  if (around !== '' && around !== '%' && !isCurrencyText(around)) return undefined
  const currency = currencyOf(around)
  const numeral = `${isNegative ? '-' : sign}${digits.replaceAll(/['’\s\u00a0\u202f]/g, '')}`
  return { numeral, isSigned: around !== '' && around !== '%', ...(currency === undefined ? {} : { currency }) }
}

function isCurrencyText(around: string): boolean {
  return currencyOf(around) !== undefined || /^(?:kr\.?|R\$|C\$|A\$|CHF|Fr\.?)$/i.test(around)
}

function currencyOf(around: string): string | undefined {
  if (currencyExponent(around.toUpperCase()) !== undefined) return around.toUpperCase()
  return signs.find(([sign]) => sign.test(around) && !/[RCA]\$/.test(around))?.[1]
}

/** Returns the number; undefined if the text is none by this decimal mark. */
export function readNumber(text: string, decimal: DecimalMark): number | undefined {
  const found = numeralOf(text)
  if (found === undefined) return undefined
  const group = decimal === '.' ? ',' : '.'
  const { numeral } = found
  const [mark, between] = decimal === '.' ? [String.raw`\.`, ','] : [',', String.raw`\.`]
  const pattern = new RegExp(
    `^[+-]?(?:\\d{1,3}(?:${between}\\d{2,3})*${between}\\d{3}|\\d+)?(?:${mark}\\d*)?(?:e[+-]?\\d+)?$`,
    'i',
  )
  if (!pattern.test(numeral)) return undefined
  const plain = numeral.replaceAll(group, '').replace(decimal, '.')
  return /\d/.test(plain) ? Number(plain) : undefined
}
