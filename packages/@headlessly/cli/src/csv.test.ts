import fc from 'fast-check'
import Papa from 'papaparse'
import { expect, test } from 'vitest'
import { formatCsvRecord } from 'digital-objects'
import { CsvError, type CsvRecord, readCsv } from './csv.ts'

async function read(chunks: readonly string[]): Promise<CsvRecord[]> {
  const records: CsvRecord[] = []
  for await (const record of readCsv(chunks)) records.push(record)
  return records
}

const cell = fc.string({
  unit: fc.constantFrom('a', ' ', ',', '"', '\n', '\r', '\r\n', 'é', '😀', '\uFEFF'),
  maxLength: 6,
})
const table = fc.array(fc.array(fc.option(cell), { minLength: 1, maxLength: 4 }), { maxLength: 6 })

test('written CSV reads back unchanged, with any chunks and line endings', async () => {
  await fc.assert(
    fc.asyncProperty(
      table,
      fc.array(fc.nat(200), { maxLength: 5 }),
      fc.constantFrom('\n', '\r\n'),
      async (rows, cuts, end) => {
        const text = rows.map((row) => formatCsvRecord(row) + end).join('')
        const at = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length].toSorted((one, other) => one - other)
        // A file stream never splits a surrogate pair.
        const chunks = at.slice(1).map((to, index) => text.slice(at[index], to))
        if (!chunks.every((chunk) => chunk.isWellFormed())) return
        // A record of one cell without a value is written like one of an empty string.
        const expected = rows.map((row) => (row.length === 1 ? [row[0] ?? ''] : row))
        expect((await read(chunks)).map(({ cells }) => cells)).toEqual(expected)
      },
    ),
  )
})

test('papaparse reads written CSV the same way', () => {
  fc.assert(
    fc.property(table, (rows) => {
      // papaparse drops a byte order mark at the start of any cell, and guesses the line ending.
      const text = rows.map((row) => `${formatCsvRecord(row)}\n`).join('')
      fc.pre(rows.length > 0 && !text.startsWith('\uFEFF'))
      expect(Papa.parse(text.slice(0, -1), { delimiter: ',', newline: '\n' }).data).toEqual(
        rows.map((row) => row.map((one) => one ?? '')),
      )
    }),
  )
})

test('a record has the line number on which it begins', async () => {
  const records = await read(['\uFEFFname,note\r\nAda,"two\r\nlines"\r\n\r\nBo,', 'x\nCy,""\nDi,'])
  expect(records).toEqual([
    { line: 1, cells: ['name', 'note'] },
    { line: 2, cells: ['Ada', 'two\r\nlines'] },
    { line: 5, cells: ['Bo', 'x'] },
    { line: 6, cells: ['Cy', ''] },
    { line: 7, cells: ['Di', null] },
  ])
})

test.each([
  ['a,b\n"x', 2],
  ['a\n"x"y\n', 2],
])('%j is refused with its line number', async (text, line) => {
  await expect(read([text])).rejects.toSatisfy((error) => error instanceof CsvError && error.line === line)
})
