// Reads a bank's statement in the form of ISO 20022, camt.053, in any of its versions: the booked movements of its accounts.

import { readXml, type XmlListener } from '@dotdo/service'
import { currencyExponent, ObjectError, parseDatetime, formatDatetime, isDate, sha256Hex } from 'digital-objects'

export interface StatementMovement {
  readonly transactionId: string
  /** RFC 3339. */
  readonly bookedAt: string
  /** In minor units; below 0 it went out. */
  readonly amount: number
  readonly currency: string
  readonly reference?: string
  readonly party?: string
  readonly partyAccount?: string
  readonly account?: string
}

/** Limits the movements of one statement. */
export const movementsMax = 10_000
const depthMax = 40
const textCharactersMax = 10_000

/** Yields the movements of all statements in the file while it arrives. Throws an ObjectError that says what is wrong. */
export async function* readCamt(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<StatementMovement> {
  const reader = new CamtReader()
  for await (const _ of readXml(chunks, { listener: reader, refuse: (reason) => refused(`the statement ${reason}`) }))
    yield* reader.take()
  yield* reader.take()
  if (!reader.hasStatement) throw refused('expects a statement in the form camt.053, with the element BkToCstmrStmt')
}

type Texts = Map<string, string>

/** Parts of an entry, by their paths below it. A part that occurs more than once is joined. */
class CamtReader implements XmlListener {
  hasStatement = false
  #movements: StatementMovement[] = []
  readonly #path: string[] = []
  #text = ''
  #account = ''
  #entry: Texts | undefined
  #details: Texts[] = []
  #count = 0
  /** How often the same movement without an identifier has come in this file. */
  readonly #equals = new Map<string, number>()

  take(): readonly StatementMovement[] {
    return this.#movements.splice(0)
  }

  opened = (name: string, attributes: Readonly<Record<string, string>>): void => {
    if (this.#path.length >= depthMax) throw refused(`the statement has more than ${depthMax} levels`)
    this.#path.push(name)
    this.#text = ''
    if (name === 'BkToCstmrStmt') this.hasStatement = true
    if (name === 'Stmt') this.#account = ''
    if (name === 'Ntry') [this.#entry, this.#details] = [new Map(), []]
    if (name === 'TxDtls' && this.#entry !== undefined) this.#details.push(new Map())
    if (name === 'Amt' && attributes['Ccy'] !== undefined) this.#put('Ccy', attributes['Ccy'])
  }

  text = (text: string): void => {
    if (this.#text.length + text.length > textCharactersMax)
      throw refused(`${this.#path.join('/')} has more than ${textCharactersMax} characters`)
    this.#text += text
  }

  closed = (name: string): void => {
    const text = this.#text.trim()
    this.#text = ''
    if (text !== '') this.#put('', text)
    this.#path.pop()
    if (name !== 'Ntry' || this.#entry === undefined) return
    this.#end(this.#entry)
    this.#entry = undefined
  }

  /** Keeps a text under its path below the details of a transaction, the entry or the account. */
  #put(attribute: string, text: string): void {
    const path = attribute === '' ? this.#path : [...this.#path, attribute]
    const from = (name: string): string => path.slice(path.lastIndexOf(name) + 1).join('/')
    const details = this.#details.at(-1)
    if (this.#entry !== undefined && path.includes('TxDtls') && details !== undefined)
      join(details, from('TxDtls'), text)
    else if (this.#entry !== undefined) join(this.#entry, from('Ntry'), text)
    else if (path.includes('Acct') && ['IBAN', 'Id'].includes(path.at(-1) ?? '') && !path.includes('Svcr'))
      this.#account ||= text
  }

  #end(entry: Texts): void {
    const status = entry.get('Sts') ?? entry.get('Sts/Cd')
    if (status !== 'BOOK') return
    const whole = amountOf(entry, 'Amt')
    const parts = this.#details.map((details) => amountOf(details, 'Amt') ?? amountOf(details, 'AmtDtls/TxAmt/Amt'))
    const sum = parts.reduce<number | undefined>(
      (total, part) => (total === undefined || part === undefined ? undefined : total + part.amount),
      0,
    )
    if (whole === undefined) throw refused('an entry of the statement has no amount')
    // A batch is its transactions, if they add up to it.
    const isBatch =
      this.#details.length > 1 && sum === whole.amount && parts.every((part) => part?.currency === whole.currency)
    if (isBatch)
      for (const [at, details] of this.#details.entries()) this.#add(entry, details, { ...parts[at]!, nth: at + 1 })
    else this.#add(entry, this.#details.length === 1 ? this.#details[0]! : new Map(), { ...whole, nth: 0 })
  }

  #add(entry: Texts, details: Texts, { amount, currency, nth }: Money & { readonly nth: number }): void {
    if (++this.#count > movementsMax)
      throw refused(`a statement has at most ${movementsMax} movements: send it in parts`)
    const isOut = (details.get('CdtDbtInd') ?? entry.get('CdtDbtInd')) === 'DBIT'
    const other = isOut ? 'Cdtr' : 'Dbtr'
    const party = first(details, [`RltdPties/${other}/Nm`, `RltdPties/${other}/Pty/Nm`])
    const partyAccount = first(details, [`RltdPties/${other}Acct/Id/IBAN`, `RltdPties/${other}Acct/Id/Othr/Id`])
    const reference = [
      first(details, ['RmtInf/Strd/CdtrRefInf/Ref']),
      first(details, ['RmtInf/Ustrd']) ?? entry.get('AddtlNtryInf'),
      named(details.get('Refs/EndToEndId')),
    ]
      .filter((text) => text !== undefined && text !== 'NOTPROVIDED')
      .join(' ')
    const movement = {
      bookedAt: timeOf(entry),
      amount: isOut ? -amount : amount,
      currency,
      ...(reference === '' ? {} : { reference }),
      ...(party === undefined ? {} : { party }),
      ...(partyAccount === undefined ? {} : { partyAccount }),
      ...(this.#account === '' ? {} : { account: this.#account }),
    }
    const own =
      named(details.get('Refs/AcctSvcrRef')) ?? named(details.get('Refs/TxId')) ?? named(entry.get('AcctSvcrRef'))
    this.#movements.push({ transactionId: this.#idOf(movement, own, nth), ...movement })
  }

  /** A bank that names no movements gives the same ones again in each file, in the same order of equal ones. */
  #idOf(movement: Omit<StatementMovement, 'transactionId'>, own: string | undefined, nth: number): string {
    const known =
      own === undefined ? JSON.stringify(Object.entries(movement)) : `${this.#account} ${own} ${nth} ${movement.amount}`
    const times = (this.#equals.get(known) ?? 0) + 1
    this.#equals.set(known, times)
    return `camt-${sha256Hex(own === undefined ? `${known} ${times}` : known).slice(0, 40)}`
  }
}

interface Money {
  readonly amount: number
  readonly currency: string
}

function join(texts: Texts, path: string, text: string): void {
  const before = texts.get(path)
  texts.set(path, before === undefined ? text : `${before} ${text}`)
}

function first(texts: Texts, paths: readonly string[]): string | undefined {
  return paths.map((path) => texts.get(path)).find((text) => text !== undefined)
}

/** The text that banks write in place of a reference that they do not have: it names no movement. */
const placeholder = /^(?:NONREF|NOREF|NOTPROVIDED|NOT PROVIDED|NONE|N\/A|0+|-+)$/i

function named(text: string | undefined): string | undefined {
  return text === undefined || placeholder.test(text) ? undefined : text
}

/** Reads a decimal number exactly. */
function amountOf(texts: Texts, path: string): Money | undefined {
  const text = texts.get(path)
  const currency = texts.get(`${path}/Ccy`)
  if (text === undefined || currency === undefined) return undefined
  const exponent = currencyExponent(currency)
  const [, whole, fraction = ''] = /^(\d{1,15})(?:\.(\d{1,5}))?$/.exec(text) ?? []
  if (exponent === undefined) throw refused(`'${currency.slice(0, 16)}' is no currency`)
  const digits = fraction.replace(/0+$/, '')
  if (whole === undefined || digits.length > exponent)
    throw refused(`'${text.slice(0, 32)}' is no amount of ${currency}`)
  const amount = Number(whole + digits.padEnd(exponent, '0'))
  if (!Number.isSafeInteger(amount)) throw refused(`'${text}' is too large`)
  return { amount, currency }
}

function timeOf(entry: Texts): string {
  const text = first(entry, ['BookgDt/DtTm', 'BookgDt/Dt', 'ValDt/DtTm', 'ValDt/Dt']) ?? ''
  if (isDate(text)) return `${text}T00:00:00.000Z`
  // A time without an offset is that of the bank; its day is what counts.
  const ms = parseDatetime(text) ?? parseDatetime(`${text}Z`)
  const time = ms === undefined ? undefined : formatDatetime(ms)
  if (time === undefined) throw refused('an entry of the statement has no time of booking')
  return time
}

export function refused(message: string): ObjectError {
  return new ObjectError({ code: 'validation_error', field: 'statement', message })
}
