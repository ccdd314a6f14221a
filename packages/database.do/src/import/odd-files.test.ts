// Odd files of every day: what a spreadsheet or a person does to a table without meaning to.

import { expect, test } from 'vitest'
import { type ImportCase, importText } from './import-case.suite.ts'

const value = { columns: { Betrag: 'value', Montant: 'value', Amount: 'value', Datum: 'expectedCloseDate' } }
const deals = (...names: readonly (keyof typeof value.columns)[]) => ({
  noun: 'Deal',
  choices: { columns: Object.fromEntries(names.map((name) => [name, value.columns[name]])) },
})

const files: readonly ImportCase[] = [
  {
    name: 'bom-semicolon.csv',
    text: 'Name;E-Mail;Telefon\r\nJürgen;j@example.de;030 123\r\n',
    encoding: 'utf-8 with a mark',
    rows: [{ name: 'Jürgen', email: 'j@example.de', phone: '030 123' }],
  },
  {
    name: 'quoted-newlines.csv',
    text: 'Name,E-Mail,Notes\r\n"Ada\nLovelace",a@example.com,"one\r\n""two"""\r\n',
    choices: { unmapped: 'metadata' },
    rows: [{ name: 'Ada\nLovelace', metadata: { Notes: 'one\r\n"two"' } }],
  },
  {
    name: 'trailing-delimiter.csv',
    text: 'Name;E-Mail;\r\nAda;a@example.com;\r\nBo;b@example.com\r\nCy;c@example.com;;\r\n',
    rows: [{ name: 'Ada' }, { name: 'Bo' }, { name: 'Cy', email: 'c@example.com' }],
  },
  {
    name: 'empty-lines.csv',
    text: '\r\n\r\nName;E-Mail\r\n\r\nAda;a@example.com\r\n;;\r\n\r\n',
    rows: [{ name: 'Ada' }],
  },
  {
    ...deals('Betrag'),
    name: 'numbers-de.csv',
    text: 'Name;Betrag\r\nA;1.234,56\r\nB;1.234\r\nC;12.345.678,00 €\r\n',
    rows: [{ value: 1234.56 }, { value: 1234 }, { value: 12_345_678 }],
  },
  {
    ...deals('Montant'),
    name: 'numbers-fr.csv',
    text: 'Name;Montant\r\nA;1\u202F234,56 €\r\nB;1\u00A0234\r\n',
    rows: [{ value: 1234.56 }, { value: 1234 }],
  },
  {
    ...deals('Amount'),
    name: 'numbers-en.csv',
    text: 'Name,Amount\r\nA,"$1,234.56"\r\nB,"1,234"\r\n',
    rows: [{ value: 1234.56 }, { value: 1234 }],
  },
  {
    ...deals('Betrag', 'Datum'),
    name: 'serial-dates.csv',
    text: 'Name;Betrag;Datum\r\nA;1,0;45658\r\nB;2,0;1.2.26\r\n',
    rows: [{ name: 'B', expectedCloseDate: '2026-02-01' }],
    faults: [
      [2, /expects a date, got '45658', which is how spreadsheets count days: give the column the format of a date/],
    ],
  },
  {
    ...deals('Betrag'),
    name: 'totals.csv',
    text: 'Name;Betrag\r\nA;1,50\r\nB;2,50\r\nSumme:;4,00\r\n',
    rows: [{ name: 'A' }, { name: 'B' }],
    faults: [[4, /the last row seems to be the total of the others: leave it out/]],
  },
  {
    ...deals('Betrag'),
    name: 'total-in-between.csv',
    text: 'Name;Betrag\r\nA;1,50\r\nTotal;2,50\r\nB;4,00\r\n',
    rows: [{ name: 'A' }, { name: 'Total' }, { name: 'B' }],
  },
  {
    name: 'company-named-total.csv',
    text: 'Name,E-Mail\r\nA,a@example.com\r\nB,b@example.com\r\nTotal,t@example.com\r\n',
    rows: [{ name: 'A' }, { name: 'B' }, { name: 'Total' }],
  },
  {
    name: 'guarded.csv',
    text: 'Name,Phone\r\n"=""Ada ""the first""""","=""0301"""\r\n"=""Bo""","=""0302"""\r\n=1+1,2\r\n',
    rows: [{ phone: '0301' }, { name: 'Bo', phone: '0302' }, { name: '=1+1', phone: '2' }],
  },
  {
    name: 'rounded.csv',
    text: 'Name,Phone\r\nAda,4.91712E+11\r\nBo,"4,91712E+11"\r\nCy,+49 171\r\nDi,1E5\r\n',
    rows: [{ name: 'Cy' }, { name: 'Di', phone: '1E5' }],
    faults: [
      [2, /column 'Phone' has a number that a spreadsheet has rounded, '4.91712E\+11': give the column the format/],
      [3, /rounded/],
    ],
  },
  {
    name: 'rounded-ids.csv',
    text: 'ID,Name\r\n1.00001E+12,Ada\r\n1.00001E+12,Bo\r\n',
    rows: [],
    faults: [
      [2, /column 'ID' has a number that a spreadsheet has rounded/],
      [3, /rounded/],
    ],
  },
]

test.each(files)('$name', async ({ rows: expected = [], faults: refused = [], ...file }) => {
  const { rows, faults } = await importText(file)
  expect(rows).toMatchObject(expected)
  expect(rows).toHaveLength(expected.length)
  expect(faults).toEqual(refused.map(([line, fault]) => ({ line, fault: expect.stringMatching(fault) as string })))
})

test('a text of our own export stays as it is', async () => {
  const { rows } = await importText({ name: 'own.csv', text: '$id,name\r\ncontact_1,"=""Ada"""\r\n' })
  expect(rows).toMatchObject([{ name: '="Ada"' }])
})

test('a column that occurs twice is one problem, with one remedy', async () => {
  const text = 'Name,E-Mail,E-Mail\r\nAda,a@example.com,b@example.com\r\n'
  await expect(importText({ name: 'twice.csv', text })).rejects.toMatchObject({
    message: "column 'E-Mail' occurs twice: give each column a name of its own",
  })
})

test('a file of two encodings is refused with the line at which the second begins', async () => {
  const text = new Uint8Array([
    ...Buffer.from('Name;E-Mail\r\nJürgen;j@example.de\r\n'),
    ...Buffer.from('Gro\u00DF;g@example.de\r\n', 'latin1'),
  ])
  await expect(importText({ name: 'mixed.csv', text })).rejects.toThrow('line 3 has bytes that are not utf-8')
})
