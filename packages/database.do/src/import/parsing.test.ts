// Laws of the parsers: any chunks, any spelling.

import { formatCsvRecord } from 'digital-objects'
import fc from 'fast-check'
import Papa from 'papaparse'
import { expect, test } from 'vitest'
import { readBoolean, readDate, readDatetime, readNumber } from './cell-formats.ts'
import { CsvReader, type CsvRecord, detectDelimiter } from './csv-records.ts'
import { decodeText, detectEncoding } from './encoding.ts'
import { readJsonLines, readJsonList } from './json-rows.ts'

const runs = Number(process.env['RUNS'] ?? 60)
const cell = fc.string({
  unit: fc.constantFrom('a', ' ', ',', ';', '"', '\n', '\r', '\r\n', 'é', '😀', '\uFEFF', '\u2028'),
  maxLength: 6,
})
const table = fc.array(fc.array(fc.option(cell), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 })
const cuts = fc.array(fc.nat(200), { maxLength: 5 })

function pieces<Whole extends string | Uint8Array>(whole: Whole, at: readonly number[]): Whole[] {
  const ends = [0, ...at.map((cut) => cut % (whole.length + 1)), whole.length].toSorted((one, other) => one - other)
  return ends.slice(1).map((end, index) => whole.slice(ends[index], end) as Whole)
}

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items
}

function read(parts: readonly string[], delimiter = ','): readonly CsvRecord[] {
  const reader = new CsvReader(delimiter)
  return [...parts.flatMap((part) => [...reader.read(part)]), ...reader.end()]
}

test('written CSV reads back unchanged in any chunks, and as papaparse reads it', () => {
  fc.assert(
    fc.property(table, cuts, fc.constantFrom('\n', '\r\n'), (rows, at, end) => {
      const text = rows.map((row) => formatCsvRecord(row) + end).join('')
      // A record of one cell without a value is written like one of an empty string.
      const expected = rows.map((row) => (row.length === 1 ? [row[0] ?? ''] : row))
      expect(read(pieces(text, at)).map(({ cells }) => cells)).toEqual(expected)
      if (end === '\n' && !text.startsWith('\uFEFF'))
        expect(Papa.parse(text.slice(0, -1), { delimiter: ',', newline: '\n' }).data).toEqual(
          expected.map((row) => row.map((one) => one ?? '')),
        )
    }),
    { numRuns: runs },
  )
})

test('a record has the line on which it begins, and a broken one is refused with it', () => {
  expect(read(['name,note\r\nAda,"two\r\nlines"\r\n\r\nBo,', 'x\nCy,""\nDi,'])).toEqual([
    { line: 1, cells: ['name', 'note'] },
    { line: 2, cells: ['Ada', 'two\r\nlines'] },
    { line: 5, cells: ['Bo', 'x'] },
    { line: 6, cells: ['Cy', ''] },
    { line: 7, cells: ['Di', null] },
  ])
  for (const text of ['a,b\n1,"x', 'a,b\n1,"x"y\n'])
    expect(() => read([text])).toThrow(expect.objectContaining({ line: 2 }))
  for (const delimiter of [',', ';', '\t', '|']) {
    expect(detectDelimiter(`a${delimiter}b\n"1,;\t|"${delimiter}2\n3${delimiter}4,5\n`)).toBe(delimiter)
    expect(detectDelimiter(`sep=${delimiter}\na${delimiter}b\n`)).toBe(delimiter)
  }
})

test('text in any encoding decodes in any chunks, and is never decoded with loss', async () => {
  const decode = async (bytes: Uint8Array, at: readonly number[], declared?: string): Promise<string> => {
    let text = ''
    for await (const part of decodeText(each(pieces(bytes, at)), detectEncoding(bytes, declared))) text += part
    return text
  }
  const wide = (text: string, isLittle: boolean): Uint8Array => {
    const bytes = new Uint8Array(text.length * 2)
    for (let at = 0; at < text.length; at++) new DataView(bytes.buffer).setUint16(at * 2, text.charCodeAt(at), isLittle)
    return bytes
  }
  const text = 'name,city\r\nJürgen,Köln\r\n日本,😀\r\n'
  await fc.assert(
    fc.asyncProperty(cuts, async (at) => {
      for (const bytes of [
        new TextEncoder().encode(text),
        new TextEncoder().encode(`\uFEFF${text}`),
        wide(text, true),
        wide(`\uFEFF${text}`, true),
        wide(`\uFEFF${text}`, false),
      ])
        expect(await decode(bytes, at)).toBe(text)
      const bad = new Uint8Array([...new TextEncoder().encode('name\nAda\n'), 0xff, 0x0a])
      await expect(decode(bad, at, 'utf-8')).rejects.toMatchObject({
        field: 'encoding',
        message: expect.stringMatching(/^line 3 has bytes that are not utf-8: .*encoding=/) as unknown,
      })
    }),
    { numRuns: Math.ceil(runs / 4) },
  )
  const unassigned = new Uint8Array([...new TextEncoder().encode('name\n'), 0x81])
  await expect(decode(unassigned, [], 'windows-1252')).rejects.toThrow('line 2')
  expect(() => detectEncoding(new TextEncoder().encode('a'), 'klingon')).toThrow(/expects an encoding/)
})

test('JSON lists and lines read like JSON.parse, in any chunks', async () => {
  const strings = fc.string({
    unit: fc.constantFrom('a', '"', '\\', '[', '}', ',', '\u2028', '\u2029', '\u0085', 'é', '\n'),
    maxLength: 8,
  })
  const row = fc.dictionary(
    strings,
    fc.oneof(
      strings,
      fc.integer(),
      fc.array(strings, { maxLength: 2 }),
      fc.dictionary(strings, strings, { maxKeys: 2 }),
    ),
    { maxKeys: 3 },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 5 }), cuts, fc.boolean(), async (rows, at, isWide) => {
      const list: unknown[] = []
      for await (const { json } of readJsonList(each(pieces(JSON.stringify(rows, null, isWide ? 2 : 0), at))))
        list.push(JSON.parse(json))
      expect(list).toEqual(rows)
      const lines: unknown[] = []
      for await (const { json, line } of readJsonLines(
        each(pieces(rows.map((one) => `${JSON.stringify(one)}\n`).join(''), at)),
      )) {
        lines.push(JSON.parse(json))
        expect(line).toBe(lines.length)
      }
      expect(lines).toEqual(rows)
    }),
    { numRuns: runs },
  )
  for (const wrong of ['{"a":1}', '[{"a":1}', '[] []', 'x'])
    await expect(async () => {
      for await (const _ of readJsonList(each([wrong])));
    }).rejects.toMatchObject({ code: 'validation_error' })
})

test('local numbers, dates and words have the values that spreadsheets mean', () => {
  const numbers: readonly (readonly [string, '.' | ',', number | undefined])[] = [
    ['1.234,56', ',', 1234.56],
    ['1,234.56', '.', 1234.56],
    ['1 234,5', ',', 1234.5],
    ['1\u202f234', ',', 1234],
    ["1'234.50", '.', 1234.5],
    ['-12', '.', -12],
    ['(12.5)', '.', -12.5],
    ['12-', '.', -12],
    ['€ 1.000', ',', 1000],
    ['1.000,00 €', ',', 1000],
    ['$1,000', '.', 1000],
    ['12 %', '.', 12],
    ['12,5%', ',', 12.5],
    ['1e3', '.', 1000],
    ['.5', '.', 0.5],
    ['1.2.3', '.', undefined],
    ['1,2', '.', undefined],
    ['abc', '.', undefined],
    ['12 apples', '.', undefined],
    ['1,00,000', '.', 100000],
    ['CHF 5', '.', 5],
  ]
  for (const [text, decimal, value] of numbers) expect([text, readNumber(text, decimal)]).toEqual([text, value])
  const dates: readonly (readonly [string, 'dmy' | 'mdy' | 'ymd', string | undefined])[] = [
    ['31.12.2026', 'dmy', '2026-12-31'],
    ['1.2.26', 'dmy', '2026-02-01'],
    ['12/31/2026', 'mdy', '2026-12-31'],
    ['2026-01-05', 'dmy', '2026-01-05'],
    ['2026/1/5', 'mdy', '2026-01-05'],
    ['31/12/99', 'dmy', '1999-12-31'],
    ['5 Jan 2026', 'ymd', '2026-01-05'],
    ['Jan 5, 2026', 'ymd', '2026-01-05'],
    ['5. März 2026', 'ymd', '2026-03-05'],
    ['5 de mayo de 2026', 'ymd', '2026-05-05'],
    ['1 août 2026', 'ymd', '2026-08-01'],
    ['31.02.2026', 'dmy', undefined],
    ['12/31/2026', 'dmy', undefined],
    ['soon', 'dmy', undefined],
  ]
  for (const [text, order, value] of dates) expect([text, readDate(text, order)]).toEqual([text, value])
  const times: readonly (readonly [string, 'dmy' | 'mdy' | 'ymd', string | undefined])[] = [
    ['2026-01-05T10:00:00Z', 'ymd', '2026-01-05T10:00:00.000Z'],
    ['05.07.2026 14:30', 'dmy', '2026-07-05T12:30:00.000Z'],
    ['1/5/2026 2:30 PM', 'mdy', '2026-01-05T13:30:00.000Z'],
    ['2026-01-05 10:00:00 UTC', 'ymd', '2026-01-05T10:00:00.000Z'],
    ['2026-01-05T10:00:00.000+0000', 'ymd', '2026-01-05T10:00:00.000Z'],
    ['2026-01-05 10:00:00 -0800', 'ymd', '2026-01-05T18:00:00.000Z'],
    ['2026-01-05 25:00', 'ymd', undefined],
  ]
  for (const [text, order, value] of times)
    expect([text, readDatetime(text, { order, zone: 'Europe/Berlin' })]).toEqual([text, value])
  expect(['Ja', 'WAHR', 'oui', '1', 'Nein', 'FAUX', '0', 'maybe'].map(readBoolean)).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
    false,
    undefined,
  ])
})
