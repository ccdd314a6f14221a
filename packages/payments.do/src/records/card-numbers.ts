// Numbers of payment cards in texts of a payment provider or a bank, where customers may have typed one. All but the last four digits
// are masked before anything is stored, so that no card number is in the data folder.

import { isPlainObject, type JsonValue } from 'digital-objects'

const digitsMin = 13
const digitsMax = 19
/** Digits that are left to tell one card from another. */
const digitsShown = 4

/** Digits, with a space or a dash between two of them. Letters beside them make them a part of another code, and a plus a telephone. */
const run = /(?<![\p{L}\p{N}_+])\d(?:[ \u00a0\u2009\u202f\u2010-\u2013-]?\d){12,}(?![\p{L}\p{N}_])/gu

/** The first digits and the lengths of the cards of each network. */
const networks: readonly RegExp[] = [
  // Visa
  /^4(?:\d{12}|\d{15}|\d{18})$/,
  // Mastercard
  /^(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}$/,
  // American Express
  /^3[47]\d{13}$/,
  // Diners Club
  /^3(?:0[0-5]|[689]\d)(?:\d{11}|\d{13,16})$/,
  // JCB
  /^35(?:2[89]|[3-8]\d)\d{12,15}$/,
  // Discover, UnionPay, RuPay and Maestro
  /^(?:5[06-8]|6\d)\d{11,17}$/,
  // Mir
  /^220[0-4]\d{12,15}$/,
  // Troy
  /^9792\d{12}$/,
]

/** Codes whose digits are no card number: UUIDs, and accounts and references in groups of four, which have check digits of their own. */
const uuid = /(?<![\p{L}\p{N}])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\p{L}\p{N}])/giu
/** An IBAN (ISO 13616) or a creditor reference (ISO 11649). */
const account = /(?<![\p{L}\p{N}_])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![\p{L}\p{N}_])/gu

/** Returns the value with the card numbers in all of its texts masked. Names of members, and numbers, stay as they are. */
export function withoutCardNumbers(value: JsonValue): JsonValue {
  if (typeof value === 'string') return maskCardNumbers(value)
  if (Array.isArray(value)) return value.map((item: JsonValue) => withoutCardNumbers(item))
  if (!isPlainObject(value)) return value
  const members = Object.entries(value as Readonly<Record<string, JsonValue>>)
  return Object.fromEntries(members.map(([name, member]) => [name, withoutCardNumbers(member)]))
}

/** `card 4242 4242 4242 4242` becomes `card **** **** **** 4242`. */
export function maskCardNumbers(text: string): string {
  // Most texts have too few digits.
  if (!/\d(?:\D?\d){12}/.test(text)) return text
  let [masked, end] = ['', 0]
  for (const { index, code } of codesIn(text)) {
    if (index < end) continue
    masked += text.slice(end, index).replaceAll(run, maskRun) + code
    end = index + code.length
  }
  return masked + text.slice(end).replaceAll(run, maskRun)
}

/** Codes whose digits are no number of a card, in their order. */
function codesIn(text: string): readonly { readonly index: number; readonly code: string }[] {
  const uuids = [...text.matchAll(uuid)].map(({ index, 0: code }) => ({ index, code }))
  const accounts = [...text.matchAll(account)].flatMap(({ index, 0: found }) => {
    // Groups that follow may be those of a card.
    const ends = [...found.matchAll(/ |$/g)].map((end) => end.index).toReversed()
    const code = ends.map((end) => found.slice(0, end)).find((part) => part.length > 4 && hasCheckDigits(part))
    return code === undefined ? [] : [{ index, code }]
  })
  return [...uuids, ...accounts].toSorted((left, right) => left.index - right.index)
}

/** Masks a run that is a card number, or the groups of a longer one that are, such as those before a date and a code. */
function maskRun(digits: string): string {
  const groups = [...digits.matchAll(/\d+/g)]
  if (isCard(groups) && isWritten(groups.map(([group]) => group.length))) return starred(digits)
  for (const [start, first] of groups.entries()) {
    const end = groups.findLastIndex(
      (_, at) => at >= start && isUsualLayout(groups.slice(start, at + 1)) && isCard(groups.slice(start, at + 1)),
    )
    const last = groups[end]
    if (last === undefined) continue
    const [from, to] = [first.index, last.index + last[0].length]
    return digits.slice(0, from) + starred(digits.slice(from, to)) + maskRun(digits.slice(to))
  }
  return digits
}

type DigitGroups = readonly RegExpExecArray[]

function isCard(groups: DigitGroups): boolean {
  const digits = groups.map(([group]) => group).join('')
  const isLong = digits.length >= digitsMin && digits.length <= digitsMax
  return isLong && networks.some((network) => network.test(digits)) && isLuhn(digits)
}

/** People write groups of three to six digits, or short ones of one length. Two dates behind each other have other groups. */
function isWritten(lengths: readonly number[]): boolean {
  const [first = 0] = lengths
  const [before, last = 0] = [lengths.slice(0, -1), lengths.at(-1)]
  if (lengths.length === 1) return true
  if (first <= 8 && before.every((length) => length === first) && last <= first) return true
  return last <= 6 && before.every((length) => length >= 3 && length <= 6)
}

/** The layouts of cards: groups of four, 4-6-5, 4-6-4 and 4-3-3-3, or no groups. */
function isUsualLayout(groups: DigitGroups): boolean {
  return /^(?:\d+|4(?:,4){2,3}(?:,[1-4])?|4,6,[45]|4,3,3,3)$/.test(groups.map(([group]) => group.length).join(','))
}

/** The formula of ISO/IEC 7812, of which the last digit is the check. */
function isLuhn(digits: string): boolean {
  let sum = 0
  for (const [at, digit] of [...digits].toReversed().entries()) {
    const value = Number(digit) * (at % 2 === 0 ? 1 : 2)
    sum += value > 9 ? value - 9 : value
  }
  return sum % 10 === 0
}

/** Whether the rest of the digits by 97 is 1, with A as 10 and the first four of the code behind the others. */
function hasCheckDigits(code: string): boolean {
  const plain = code.replaceAll(' ', '')
  const digits = `${plain.slice(4)}${plain.slice(0, 4)}`.replaceAll(/[A-Z]/g, (letter) => String(parseInt(letter, 36)))
  return BigInt(digits) % 97n === 1n
}

function starred(digits: string): string {
  let left = digits.replaceAll(/\D/g, '').length - digitsShown
  return digits.replaceAll(/\d/g, (digit) => (left-- > 0 ? '*' : digit))
}
