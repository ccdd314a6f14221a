// Routes of the ledger: the balances of the accounts, and the journal as a file. Both are reads of the entries with the rights of the
// caller, in the present or as of a past time.

import {
  ask,
  ListedPages,
  type ServiceAnswer,
  type ServiceRequest,
  type ServiceRoute,
  streamPages,
} from '@dotdo/service'
import {
  formatDatetime,
  isPlainObject,
  type JsonValue,
  ObjectError,
  parseDatetime,
  parseTimeZone,
} from 'digital-objects'
import { accountNames, accounts } from './accounts.ts'
import { codesOf, formatAmount, journalFormats } from './journal-formats.ts'

const noun = 'JournalEntry'

export const ledgerRoutes: readonly ServiceRoute[] = [
  {
    path: '/ledger/balances',
    method: 'GET',
    about:
      'Returns the balance of each account and currency `through` a time, by default all; with `asOf`, as the journal was then.',
    answer: readBalances,
  },
  {
    path: '/ledger/journal',
    method: 'GET',
    about:
      'Writes the journal `from` a time `through` another as one file, by time: `format` is `csv` or `beancount`, and days are those of `zone`, by default UTC.',
    answer: writeJournal,
  },
]

async function readBalances(request: ServiceRequest): Promise<ServiceAnswer> {
  const { through, asOf, ...unknown } = request.parameters
  refuseUnknown(unknown)
  const ledger = await ledgerOf(request)
  const parameters = {
    by: 'currency',
    sum: accountNames.join(','),
    ...filterOf({ through }),
    ...(asOf === undefined ? {} : { asOf }),
  }
  const { body, bookmark } = await ask(request, { kind: 'read', read: 'aggregate', noun, parameters })
  const groups = isPlainObject(body) && Array.isArray(body['results']) ? body['results'].filter(isPlainObject) : []
  const codes = codesOf(ledger)
  const balances = groups.flatMap(({ by, sum }) => {
    const currency = isPlainObject(by) ? String(by['currency']) : ''
    return accountNames.map((account) => {
      const amount = isPlainObject(sum) ? Number(sum[account] ?? 0) : 0
      const { code, title } = accounts[account]
      return { account, code: codes[account] ?? code, title, currency, amount, value: formatAmount(amount, currency) }
    })
  })
  const results = balances.filter(({ amount }) => amount !== 0)
  return { ok: true, body: JSON.stringify({ results }), ...(bookmark === undefined ? {} : { bookmark }) }
}

async function writeJournal(request: ServiceRequest): Promise<ServiceAnswer> {
  const { format: name = 'csv', zone: zoneName = 'UTC', from, through, asOf, ...unknown } = request.parameters
  refuseUnknown(unknown)
  const format = Object.hasOwn(journalFormats, name) ? journalFormats[name] : undefined
  if (format === undefined)
    throw invalid('format', `expects one of ${Object.keys(journalFormats).join(', ')}, got '${name.slice(0, 64)}'`)
  const zone = parseTimeZone(zoneName)
  if (zone === undefined) throw invalid('zone', 'expects a time zone such as Europe/Berlin')
  const ledger = await ledgerOf(request)
  const pages = new ListedPages(request, noun, {
    sort: 'bookedAt,number',
    ...filterOf({ from, through }),
    ...(asOf === undefined ? {} : { asOf }),
  })
  const first = await pages.next()
  return {
    ok: true,
    body: '',
    ...(first.bookmark === undefined ? {} : { bookmark: first.bookmark }),
    file: {
      mediaType: format.mediaType,
      content: streamPages(pages, first.rows, format.open({ codes: codesOf(ledger), zone })),
      headers: { 'content-disposition': `attachment; filename="journal.${format.extension}"` },
    },
  }
}

async function ledgerOf(request: ServiceRequest): Promise<JsonValue> {
  const parameters = { sort: 'openedAt', limit: '1', strong: 'true' }
  const { body } = await ask(request, { kind: 'read', read: 'find', noun: 'Ledger', parameters })
  const [ledger] = isPlainObject(body) && Array.isArray(body['results']) ? body['results'] : []
  if (ledger === undefined)
    throw new ObjectError({
      code: 'not_configured',
      message: 'the tenant keeps no books: create a Ledger to open them',
    })
  return ledger
}

function filterOf({ from, through }: { readonly from?: string | undefined; readonly through?: string | undefined }): {
  readonly filter?: string
} {
  const range = {
    ...(from === undefined ? {} : { $gte: timeOf('from', from) }),
    ...(through === undefined ? {} : { $lte: timeOf('through', through) }),
  }
  return Object.keys(range).length === 0 ? {} : { filter: JSON.stringify({ bookedAt: range }) }
}

function timeOf(field: string, text: string): string {
  const ms = parseDatetime(text)
  const timestamp = ms === undefined ? undefined : formatDatetime(ms)
  if (timestamp === undefined) throw invalid(field, `expects a time with its offset: 2026-03-31T23:59:59Z`)
  return timestamp
}

function refuseUnknown(unknown: Readonly<Record<string, string>>): void {
  const [name] = Object.keys(unknown)
  if (name !== undefined) throw invalid(name, `the ledger has no parameter '${name.slice(0, 64)}'`)
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_parameter', field, message })
}
