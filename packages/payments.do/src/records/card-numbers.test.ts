// Card numbers in texts are masked, however they are written, and other long numbers stay.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maskCardNumbers, withoutCardNumbers } from './card-numbers.ts'

/** The beginnings of cards, with their lengths. */
const networks: readonly (readonly [string, number])[] = [
  ['4', 13],
  ['4', 16],
  ['4', 19],
  ['51', 16],
  ['2221', 16],
  ['2720', 16],
  ['34', 15],
  ['37', 15],
  ['300', 14],
  ['36', 14],
  ['3528', 16],
  ['6011', 16],
  ['62', 19],
  ['50', 13],
  ['67', 18],
  ['2200', 16],
  ['9792', 16],
]

function withCheckDigit(digits: string): string {
  const sum = [...digits]
    .toReversed()
    .map((digit, at) => Number(digit) * (at % 2 === 0 ? 2 : 1))
    .reduce((total, value) => total + (value > 9 ? value - 9 : value), 0)
  return `${digits}${(10 - (sum % 10)) % 10}`
}

const digits = (length: number): fc.Arbitrary<string> =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length }).map((all) => all.join(''))

const card = fc
  .constantFrom(...networks)
  .chain(([prefix, length]) => digits(length - prefix.length - 1).map((rest) => withCheckDigit(prefix + rest)))

const fours = (text: string, mark: string): string => text.replaceAll(/(\d{4})(?=\d)/g, `$1${mark}`)
const written = fc
  .tuple(card, fc.constantFrom('', ' ', '-', '\u00a0', '\u2013', 'amex'))
  .map(([number, mark]) =>
    mark === 'amex' && number.length === 15
      ? `${number.slice(0, 4)} ${number.slice(4, 10)} ${number.slice(10)}`
      : fours(number, mark === 'amex' ? '' : mark),
  )

const around = fc.constantFrom(
  ['', ''],
  ['pay by ', ' please'],
  ['Visa:', ', 12/29, 123'],
  ['(', ')'],
  ['\n', '\n'],
  ['"', '"'],
  ['Rechnung INV-2026-0001, Karte ', '.'],
  ['äöü ', ' 12/29 123'],
)

test('a card number keeps its last four digits only, wherever it is in a text', () => {
  fc.assert(
    fc.property(written, around, (number, [before = '', after = '']) => {
      const masked = maskCardNumbers(before + number + after)
      expect(masked.slice(0, before.length)).toBe(before)
      expect(masked.endsWith(after)).toBe(true)
      const inside = masked.slice(before.length, masked.length - after.length)
      expect(inside).toHaveLength(number.length)
      expect(inside.replaceAll(/\D/g, '')).toBe(number.replaceAll(/\D/g, '').slice(-4))
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  ['4242 4242 4242 4242', '**** **** **** 4242'],
  ['4242-4242-4242-4242 12 29', '****-****-****-4242 12 29'],
  ['4242424242424242 4000056655665556', '************4242 ************5556'],
  ['42 42 42 42 42 42 42 42', '** ** ** ** ** ** 42 42'],
  ['DE89 3704 0044 0532 0130 00 4242 4242 4242 4242', 'DE89 3704 0044 0532 0130 00 **** **** **** 4242'],
  ['ES91 2100 0418 4502 0005 1332 4242424242424242', 'ES91 2100 0418 4502 0005 1332 ************4242'],
  ['NO93 8601 1117 947, 378282246310005', 'NO93 8601 1117 947, ***********0005'],
])('%s is stored as %s', (text, stored) => {
  expect(maskCardNumbers(text)).toBe(stored)
})

function iban(country: string, rest: string): string {
  const numbers = `${rest}${country}00`.replaceAll(/[A-Z]/g, (letter) => String(parseInt(letter, 36)))
  return `${country}${String(98n - (BigInt(numbers) % 97n)).padStart(2, '0')}${rest}`
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const id = fc
  .tuple(
    fc.constantFrom('cus_', 'pi_', 'in_', 'sub_', 'price_', 'contact_'),
    fc.array(fc.constantFrom(...letters), { minLength: 14, maxLength: 24 }),
  )
  .map(([prefix, rest]) => prefix + rest.join(''))
const account = fc.oneof(
  digits(18).map((rest) => iban('DE', rest)),
  digits(23).map((rest) => iban('FR', rest)),
  digits(20).map((rest) => iban('ES', rest)),
  digits(14).map((rest) => iban('GB', `NWBK${rest}`)),
  digits(17).map((rest) => iban('RF', rest)),
)
const date = fc
  .date({ min: new Date('2015-01-01'), max: new Date('2039-01-01'), noInvalidDate: true })
  .map((day) => day.toISOString())
const other = fc.oneof(
  id,
  fc.uuid(),
  account,
  account.map((text) => text.replaceAll(/(.{4})(?=.)/g, '$1 ')),
  fc.integer({ min: 1_400_000_000_000, max: 1_999_999_999_999 }).map(String),
  fc.bigInt({ min: 1_400_000_000_000_000n, max: 1_999_999_999_999_999n }).map(String),
  date,
  date.map((text) => text.replaceAll(/\D/g, '')),
  fc.tuple(date, date).map((days) => days.map((text) => text.slice(0, 10)).join(' ')),
  fc.tuple(date, date).map((days) => days.map((text) => text.slice(0, 10).split('-').toReversed().join('-')).join(' ')),
  // References of Swiss bills.
  digits(26).map((text) => `${text.slice(0, 2)} ${text.slice(2).replaceAll(/(\d{5})(?=\d)/g, '$1 ')}7`),
  fc.tuple(fc.integer({ min: 0, max: 9_999_999 }), digits(2)).map(([major, minor]) => `${major},${minor}`),
  fc.integer({ min: 0, max: 999_999_999 }).map((amount) => amount.toLocaleString('de-DE')),
  digits(11).map((text) => `+49${text}`),
  fc.tuple(digits(4), digits(6)).map(([year, count]) => `INV-${year}-${count}`),
  digits(12),
  digits(20),
)

test('ids, accounts, references, dates, times, amounts and telephone numbers stay', () => {
  fc.assert(
    fc.property(other, around, (text, [before = '', after = '']) => {
      expect(maskCardNumbers(before + text + after)).toBe(before + text + after)
    }),
    { numRuns: 2_000 },
  )
})

test('a number with a wrong check digit stays', () => {
  fc.assert(
    fc.property(card, (number) => {
      const wrong = number.slice(0, -1) + String((Number(number.at(-1)) + 1) % 10)
      expect(maskCardNumbers(wrong)).toBe(wrong)
    }),
  )
})

test('all texts of an object are masked, and its numbers, names and members stay', () => {
  const object = {
    id: 'cus_1',
    amount: 4_242_424_242_424_242,
    metadata: { note: 'my card 4242 4242 4242 4242', list: [null, true, '4242424242424242'] },
  }
  expect(withoutCardNumbers(object)).toEqual({
    ...object,
    metadata: { note: 'my card **** **** **** 4242', list: [null, true, '************4242'] },
  })
})
