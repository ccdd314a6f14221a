// The files of the journal, read back: every entry balances, and no amount, currency, account or day differs from the entry.

import fc from 'fast-check'
import type { EntityFields } from 'digital-objects'
import { expect, test } from 'vitest'
import { accountNames, accounts } from './accounts.ts'
import { formatAmount, journalFormats } from './journal-formats.ts'

/** An exact number of minor units of a decimal. */
function minorUnits(text: string, exponent: number): number {
  const [whole = '', part = ''] = text.split('.')
  expect(part).toHaveLength(exponent)
  return Number(whole + part)
}

const exponents: Readonly<Record<string, number>> = { EUR: 2, JPY: 0, KWD: 3 }
const entries = fc.array(
  fc
    .record({
      currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
      bookedAt: fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
      amounts: fc.array(fc.tuple(fc.constantFrom(...accountNames), fc.integer({ min: -1e9, max: 1e9 })), {
        minLength: 1,
        maxLength: 4,
      }),
    })
    .map(({ currency, bookedAt, amounts }) => {
      const sums: Record<string, number> = {}
      for (const [name, amount] of amounts) {
        sums[name] = (sums[name] ?? 0) + amount
        sums['revenue'] = (sums['revenue'] ?? 0) - amount
      }
      return { currency, bookedAt: bookedAt.toISOString(), ...sums }
    }),
  { maxLength: 20 },
)

const numbered = (rows: readonly EntityFields[]): readonly EntityFields[] =>
  rows.map((row, index) => ({
    ...row,
    number: `J-2026-${index + 1}`,
    document: `invoice_${index}`,
    event: `evt_${index}`,
    eventType: 'Invoice.Finalized',
  }))

const amountsOf = (row: EntityFields): Readonly<Record<string, number>> =>
  Object.fromEntries(
    accountNames.flatMap((name) =>
      row[name] === undefined || row[name] === 0 ? [] : [[accounts[name].title, Number(row[name])]],
    ),
  )

function write(format: 'csv' | 'beancount', rows: readonly EntityFields[]): string {
  const writer = journalFormats[format]?.open({ codes: {}, zone: 'UTC' })
  return [writer?.add(rows) ?? '', writer?.finish() ?? '']
    .map((part) => (typeof part === 'string' ? part : new TextDecoder().decode(part)))
    .join('')
}

test('the text for Beancount has each entry with its day, accounts and amounts, and opens every account', () => {
  fc.assert(
    fc.property(entries, (made) => {
      const rows = numbered(made)
      const [head = '', ...blocks] = write('beancount', rows).split(/\n\n(?=\d{4})|(?<=\n)\n(?=\d{4}-\d\d-\d\d \*)/)
      for (const { title } of Object.values(accounts)) expect(head).toContain(`open ${title}\n`)
      expect(blocks).toHaveLength(rows.length)
      for (const [index, block] of blocks.entries()) {
        const row = rows[index] ?? {}
        expect(block.slice(0, 10)).toBe(String(row['bookedAt']).slice(0, 10))
        const postings = [...block.matchAll(/^ {2}([A-Z][\w:-]+) {2}(-?[\d.]+) ([A-Z]{3})$/gm)].map(
          ([, account = '', amount = '', currency]) => {
            expect(currency).toBe(row['currency'])
            return [account, minorUnits(amount, exponents[String(row['currency'])] ?? 0)] as const
          },
        )
        expect(Object.fromEntries(postings)).toEqual(amountsOf(row))
        expect(postings.reduce((sum, [, amount]) => sum + amount, 0)).toBe(0)
      }
    }),
  )
})

test('the CSV has a line for each account of an entry, as much debit as credit', () => {
  fc.assert(
    fc.property(entries, (made) => {
      const rows = numbered(made)
      const [head, ...lines] = write('csv', rows).trimEnd().split(/\r?\n/)
      expect(head?.split(',')).toContain('debit')
      const found = lines.map((line) => {
        const [number = '', day = '', , , account = '', debit = '', credit = '', currency = ''] = line.split(',')
        const exponent = exponents[currency] ?? 0
        const amount = debit === '' ? -minorUnits(credit, exponent) : minorUnits(debit, exponent)
        return { number, day, account, amount }
      })
      for (const row of rows) {
        const own = found.filter(({ number }) => number === row['number'])
        expect(Object.fromEntries(own.map(({ account, amount }) => [account, amount]))).toEqual(amountsOf(row))
        for (const { day } of own) expect(day).toBe(String(row['bookedAt']).slice(0, 10))
      }
      expect(found.reduce((sum, { amount }) => sum + amount, 0)).toBe(0)
    }),
  )
})

test('an amount is a decimal of its currency', () => {
  expect([formatAmount(-5, 'EUR'), formatAmount(4_900, 'USD'), formatAmount(7, 'JPY'), formatAmount(1, 'KWD')]).toEqual(
    ['-0.05', '49.00', '7', '0.001'],
  )
})
