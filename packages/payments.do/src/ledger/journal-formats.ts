// The formats of the journal: CSV with a line for each account of an entry, and the text of Beancount, an accounting program that
// checks that each entry adds up to 0.

import type { Row, RowWriter } from '@dotdo/service'
import { currencyExponent, formatCsvRecord, isPlainObject, localTime } from 'digital-objects'
import { type AccountName, accountNames, accounts } from './accounts.ts'

/** Codes that the ledger gives to accounts. */
export type AccountCodes = Readonly<Partial<Record<AccountName, string>>>

export interface JournalOptions {
  readonly codes: AccountCodes
  /** The IANA time zone in which entries have their days. */
  readonly zone: string
}

export interface JournalFormat {
  readonly mediaType: string
  readonly extension: string
  readonly open: (options: JournalOptions) => RowWriter
}

export const journalFormats: Readonly<Record<string, JournalFormat>> = {
  csv: { mediaType: 'text/csv; charset=utf-8; header=present', extension: 'csv', open: openCsv },
  beancount: { mediaType: 'text/plain; charset=utf-8', extension: 'beancount', open: openBeancount },
}

export function codesOf(ledger: unknown): AccountCodes {
  const codes = isPlainObject(ledger) ? ledger['accountCodes'] : undefined
  if (!isPlainObject(codes)) return {}
  return Object.fromEntries(
    accountNames.flatMap((name) => {
      const code = codes[name]
      return typeof code === 'string' ? [[name, code]] : []
    }),
  )
}

/** Returns an amount in minor units as a decimal number of its currency: -4900 USD is `-49.00`. */
export function formatAmount(amount: number, currency: string): string {
  const exponent = currencyExponent(currency) ?? 0
  const digits = String(Math.abs(amount)).padStart(exponent + 1, '0')
  const sign = amount < 0 ? '-' : ''
  if (exponent === 0) return sign + digits
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
}

interface Line {
  readonly account: AccountName
  readonly amount: number
}

function linesOf(entry: Row): readonly Line[] {
  return accountNames.flatMap((account) => {
    const amount = entry[account]
    return typeof amount === 'number' && amount !== 0 ? [{ account, amount }] : []
  })
}

const textOf = (entry: Row, name: string): string => String(entry[name] ?? '')

function dayOf(entry: Row, zone: string): string {
  const { year, month, day } = localTime(zone, Date.parse(textOf(entry, 'bookedAt')))
  return [String(year).padStart(4, '0'), ...[month, day].map((part) => String(part).padStart(2, '0'))].join('-')
}

const columns = [
  'number',
  'day',
  'bookedAt',
  'code',
  'account',
  'debit',
  'credit',
  'currency',
  'document',
  'event',
  'type',
]

function openCsv({ codes, zone }: JournalOptions): RowWriter {
  let head = `${formatCsvRecord(columns)}\n`
  const takeHead = (): string => {
    const taken = head
    head = ''
    return taken
  }
  const toRecords = (entry: Row): string => {
    const [number, bookedAt, currency, document, event, eventType] = [
      'number',
      'bookedAt',
      'currency',
      'document',
      'event',
      'eventType',
    ].map((name) => textOf(entry, name))
    const records = linesOf(entry).map(({ account, amount }) => {
      const text = formatAmount(Math.abs(amount), currency ?? '')
      const [debit, credit] = amount > 0 ? [text, null] : [null, text]
      const { code, title } = accounts[account]
      const cells = [
        number,
        dayOf(entry, zone),
        bookedAt,
        codes[account] ?? code,
        title,
        debit,
        credit,
        currency,
        document,
        event,
        eventType,
      ]
      return `${formatCsvRecord(cells.map((cell) => cell ?? null))}\n`
    })
    return records.join('')
  }
  return { add: (entries) => takeHead() + entries.map(toRecords).join(''), finish: takeHead }
}

/** The day before which nothing is booked: accounts of Beancount are opened on a day. */
const firstDay = '1970-01-01'

function openBeancount({ codes, zone }: JournalOptions): RowWriter {
  let head = accountNames
    .map((name) => `${firstDay} open ${accounts[name].title}\n  code: "${codes[name] ?? accounts[name].code}"\n`)
    .join('')
  const takeHead = (): string => {
    const taken = head
    head = ''
    return taken
  }
  const toTransaction = (entry: Row): string => {
    const currency = textOf(entry, 'currency')
    const postings = linesOf(entry).map(
      ({ account, amount }) => `  ${accounts[account].title}  ${formatAmount(amount, currency)} ${currency}\n`,
    )
    const day = dayOf(entry, zone)
    const [number, document, event, type] = ['number', 'document', 'event', 'eventType'].map((name) =>
      textOf(entry, name),
    )
    return `\n${day} * "${type}"\n  number: "${number}"\n  document: "${document}"\n  event: "${event}"\n${postings.join('')}`
  }
  return { add: (entries) => takeHead() + entries.map(toTransaction).join(''), finish: takeHead }
}
