// Workbooks and Parquet files, some written by other programs, some made here part by part, and broken ones.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { importText } from './import-case.suite.ts'
import { withinLimits } from './row-limits.ts'
import type { ParsedRow } from './rows.ts'
import { readWhole, WholeFiles } from './whole-file.ts'
import { isDateFormat, serialToText } from './cell-dates.ts'

interface Packed {
  readonly name: string
  readonly text: string
  /** The size that the archive declares, if it lies. */
  readonly declared?: number
}

function zip(files: readonly Packed[]): Uint8Array {
  const [bodies, directory]: [Buffer[], Buffer[]] = [[], []]
  let at = 0
  for (const { name, text, declared } of files) {
    const data = Buffer.from(text)
    const packed = deflateRawSync(data)
    const head = Buffer.alloc(30)
    head.writeUInt32LE(0x04034b50, 0)
    head.writeUInt16LE(8, 8)
    head.writeUInt16LE(name.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(8, 10)
    entry.writeUInt32LE(crc32(data), 16)
    entry.writeUInt32LE(packed.length, 20)
    entry.writeUInt32LE(declared ?? data.length, 24)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE(at, 42)
    bodies.push(head, Buffer.from(name), packed)
    directory.push(entry, Buffer.from(name))
    at += 30 + name.length + packed.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(Buffer.concat(directory).length, 12)
  end.writeUInt32LE(at, 16)
  return new Uint8Array(Buffer.concat([...bodies, ...directory, end]))
}

interface Made {
  /** The rows of each sheet as XML. */
  readonly sheets: Readonly<Record<string, string>>
  readonly hidden?: readonly string[]
  readonly strings?: string
  readonly workbook?: string
  readonly declared?: number
}

const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
const relation = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'

/** Style 1 is a date, 2 a date with a time of its own format, 3 an amount whose format has the letters of a date in quotes. */
function workbook({ sheets, hidden = [], strings = '', workbook: properties = '', declared }: Made): Uint8Array {
  const names = Object.keys(sheets)
  const styles = `<styleSheet ${main}><numFmts><numFmt numFmtId="170" formatCode="[$-407]d. mmm yyyy hh:mm"/><numFmt numFmtId="171" formatCode="#,##0.00 &quot;dollars&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs></styleSheet>`
  const listed = names.map(
    (name, at) =>
      `<sheet name="${name}" sheetId="${at + 1}" ${hidden.includes(name) ? 'state="hidden" ' : ''}r:id="r${at}"/>`,
  )
  const targets = names.map(
    (_, at) => `<Relationship Id="r${at}" Type="${relation}/worksheet" Target="worksheets/s${at}.xml"/>`,
  )
  return zip([
    {
      name: 'xl/workbook.xml',
      text: `<workbook ${main} xmlns:r="${relation}">${properties}<sheets>${listed.join('')}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      text: `<Relationships>${targets.join('')}<Relationship Id="a" Type="${relation}/styles" Target="styles.xml"/><Relationship Id="b" Type="${relation}/sharedStrings" Target="/xl/strings.xml"/></Relationships>`,
    },
    ...names.map((name, at) => ({
      name: `xl/worksheets/s${at}.xml`,
      text: `<worksheet ${main}><sheetData>${sheets[name]}</sheetData></worksheet>`,
      ...(declared === undefined ? {} : { declared }),
    })),
    { name: 'xl/styles.xml', text: styles },
    { name: 'xl/strings.xml', text: `<sst ${main}>${strings}</sst>` },
  ])
}

function text(value: string): string {
  return `<c t="inlineStr"><is><t>${value}</t></is></c>`
}

function row(number: number, ...cells: readonly string[]): string {
  return `<row r="${number}">${cells.join('')}</row>`
}

const header = row(1, text('Name'), text('Phone'), text('Lead Score'), text('Customer Since'))

async function read(file: string, options: Partial<Parameters<typeof importText>[0]> = {}) {
  return importText({
    name: file,
    text: new Uint8Array(readFileSync(join(import.meta.dirname, 'files', file))),
    ...options,
  })
}

test.each(['openpyxl.xlsx', 'xlsxwriter.xlsx', 'hucre.xlsx'])('%s is imported with its types', async (name) => {
  const { rows, faults } = await read(name)
  expect(faults).toEqual([])
  expect(rows).toMatchObject([
    {
      name: 'Jürgen Groß',
      email: 'j@example.de',
      phone: '4917112345678',
      leadScore: 12.5,
      customerSince: '2025-12-24T00:00:00.000Z',
    },
    { name: 'Zoë 😀', email: 'z@example.de', leadScore: 7, customerSince: '2026-02-01T10:30:00.000Z' },
  ])
})

test.each(['pyarrow.parquet', 'polars.parquet', 'duckdb.parquet'])('%s is imported with its types', async (name) => {
  const { rows, faults } = await read(name)
  expect(faults).toEqual([])
  expect(rows).toMatchObject([
    {
      name: 'Jürgen Groß',
      email: 'j@example.de',
      phone: '4917112345678',
      leadScore: 12.5,
      customerSince: '2025-12-24T00:00:00.000Z',
      tags: ['a', 'b'],
    },
    { name: 'Zoë 😀', email: 'z@example.de', leadScore: 7, customerSince: '2026-02-01T10:30:00.000Z' },
  ])
})

test('numbers become the type of their field, shared texts have no pronunciation, and gaps are no values', async () => {
  const strings = '<si><r><t>東</t></r><r><t>京_x000A_</t></r><rPh sb="0" eb="1"><t>トウキョウ</t></rPh></si>'
  const cells = row(
    3,
    '<c t="s"><v>0</v></c>',
    '<c r="C3"><v>0.30000000000000004</v></c>',
    '<c r="D3" s="2"><v>46015.4375</v></c>',
  )
  const { rows } = await importText({ name: 'a.xlsx', text: workbook({ sheets: { A: header + cells }, strings }) })
  expect(rows).toMatchObject([{ name: '東京\n', leadScore: 0.3, customerSince: '2025-12-24T10:30:00.000Z' }])
  expect(rows[0]).not.toHaveProperty('phone')
})

test('a workbook that counts its days from 1904 has the dates that it shows', async () => {
  const made = workbook({
    sheets: { A: header + row(2, text('Ada'), text('1'), '<c><v>1</v></c>', '<c s="1"><v>44553</v></c>') },
    workbook: '<workbookPr date1904="1"/>',
  })
  expect((await importText({ name: 'a.xlsx', text: made })).rows).toMatchObject([
    { customerSince: '2025-12-24T00:00:00.000Z' },
  ])
})

test('what is no value refuses its row with the cell, and no other', async () => {
  const cells = [
    row(2, '<c t="e"><v>#REF!</v></c>'),
    row(3, text('Ada'), '<c><f>A1</f></c>'),
    row(4, text('Bo'), text('1'), '<c><v>1</v></c>', '<c s="1"><v>-3</v></c>'),
    row(5, text('Cy'), '<c r="H5"><v>1</v></c>'),
    row(6, text('Di')),
  ]
  const { rows, faults } = await importText({
    name: 'a.xlsx',
    text: workbook({ sheets: { A: header + cells.join('') } }),
  })
  expect(rows).toMatchObject([{ name: 'Di' }])
  expect(faults.map(({ line, fault }) => [line, fault])).toEqual([
    [2, 'cell A2 has the error #REF!'],
    [3, 'cell B3 has a formula without a result: open the workbook in its program and save it'],
    [4, 'cell D4 has the format of a date, and -3 is none'],
    [5, 'cell H5 has a value, and its column has no name in the first row'],
  ])
})

test('of several sheets with values the caller chooses; empty and hidden ones do not count', async () => {
  const one = header + row(2, text('Ada'))
  const [two, empty] = [header + row(2, text('Bo')), row(1, '<c s="1"/>')]
  const single = workbook({ sheets: { A: one, B: empty, C: two }, hidden: ['C'] })
  expect((await importText({ name: 'a.xlsx', text: single })).rows).toMatchObject([{ name: 'Ada' }])
  const several = workbook({ sheets: { A: one, B: two } })
  await expect(importText({ name: 'a.xlsx', text: several })).rejects.toThrow("has the sheets 'A', 'B': say sheet=A")
  const chosen = await importText({ name: 'a.xlsx', text: several, options: { sheet: 'B' } })
  expect(chosen.rows).toMatchObject([{ name: 'Bo' }])
  await expect(importText({ name: 'a.xlsx', text: several, options: { sheet: 'X' } })).rejects.toThrow(
    "expects 'A', 'B', got 'X'",
  )
})

const cut = workbook({ sheets: { A: header } })

test.each<readonly [name: string, bytes: Uint8Array, refusal: RegExp]>([
  ['old.xlsx', new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, 0, 0, 0, 0]), /old \.xls workbook, or has a password/],
  ['text.xlsx', new TextEncoder().encode('name\nAda\n'), /no whole \.xlsx workbook/],
  ['cut.xlsx', cut.slice(0, cut.length - 30), /no whole \.xlsx workbook/],
  ['other.xlsx', zip([{ name: 'a.txt', text: 'a' }]), /no \.xlsx workbook/],
  ['lies.xlsx', workbook({ sheets: { A: header }, declared: 10 }), /no whole \.xlsx workbook/],
  ['many.xlsx', workbook({ sheets: { A: header, B: header }, declared: 300 * 2 ** 20 }), /'A', 'B' are too large/],
  [
    'bomb.xlsx',
    workbook({ sheets: { A: header }, declared: 2 ** 30 }),
    /has 1073741824 bytes, and at most 536870912 are read/,
  ],
  [
    'strings.xlsx',
    workbook({ sheets: { A: header }, strings: `<si><t>${'a'.repeat(5 * 2 ** 20)}</t></si>` }),
    /more than 4194304 characters/,
  ],
  [
    'row.xlsx',
    workbook({ sheets: { A: row(1, text('a'.repeat(2 ** 20 + 1))) } }),
    /the row has more than 1048576 characters/,
  ],
  [
    'wide.xlsx',
    workbook({ sheets: { A: row(1, '<c r="ALM1"><v>1</v></c>') } }),
    /cell ALM1 is beyond the 1000 columns/,
  ],
  ['entity.xlsx', workbook({ sheets: { A: row(1, text('&boom;')) } }), /is no XML/],
  ['a.parquet', new TextEncoder().encode('PAR1 nothing PAR1'), /not read as Parquet: it is no whole Parquet file/],
  ['b.parquet', new TextEncoder().encode('name\nAda\n'), /not read as Parquet: it is no whole Parquet file/],
])('%s is refused', async (name, bytes, refusal) => {
  await expect(importText({ name, text: bytes })).rejects.toThrow(refusal)
})

test('a damaged file is refused, or read as it was: no bit of it changes a value silently', async () => {
  const made = workbook({ sheets: { A: header + row(2, text('Ada'), text('1'), '<c><v>12</v></c>') } })
  const whole = JSON.stringify((await importText({ name: 'a.xlsx', text: made })).rows)
  let refused = 0
  for (let at = 0; at < made.length; at += 7) {
    const damaged = made.slice()
    damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8))
    try {
      expect(JSON.stringify((await importText({ name: 'a.xlsx', text: damaged })).rows)).toBe(whole)
    } catch (error) {
      if (error instanceof Error && error.name === 'AssertionError') throw error
      refused++
    }
  }
  expect(refused).toBeGreaterThan(20)
})

test('a row that names one long text in many cells is refused, and the rows of a file are limited in all', async () => {
  const shared = '<c t="s"><v>0</v></c>'
  const long = workbook({
    strings: `<si><t>${'a'.repeat(300_000)}</t></si>`,
    sheets: { A: header + row(2, text('Ada')) + row(3, shared, shared, shared, shared) },
  })
  const { faults } = await importText({ name: 'a.xlsx', text: long })
  expect(faults).toEqual([{ line: 3, fault: 'the row has more than 1048576 characters' }])
  async function* rows(): AsyncGenerator<ParsedRow> {
    for (let line = 2; line < 100; line++) yield { line, cells: ['a'.repeat(600), [1], [['b'.repeat(380)]], null] }
  }
  const read: number[] = []
  const reading = async (): Promise<void> => {
    for await (const { line } of withinLimits(rows(), 10_000)) read.push(line)
  }
  await expect(reading()).rejects.toMatchObject({ field: 'file', message: expect.stringContaining('row 12: the rows') })
  expect(read.at(-1)).toBe(11)
})

test('some files are held at the same time, and one that ends makes room', () => {
  const files = new WholeFiles()
  const [first] = [files.take('a'), files.take('b')]
  expect(() => files.take('c')).toThrow('are being read: try again shortly')
  first()
  first()
  expect(() => files.take('b')).toThrow('of this tenant')
  files.take('c')
  expect(() => files.take('a')).toThrow('are being read')
})

test('a sender that is slow without standing still is refused', async () => {
  let nowMs = 0
  async function* slow(): AsyncGenerator<Uint8Array> {
    for (; ; nowMs += 1_000) yield new Uint8Array(1)
  }
  await expect(readWhole(slow(), () => nowMs)).rejects.toMatchObject({ code: 'timeout', field: 'file' })
  expect(nowMs).toBe(121_000)
})

test.each([
  ['[h]:mm', true],
  ['yyyy-mm-dd', true],
  ['[Red]0.00', false],
  ['0.00E+00', false],
  ['#,##0 "days"', false],
  [String.raw`0\d`, false],
])('the format %s is that of a date: %s', (code, expected) => {
  expect(isDateFormat(170, code)).toBe(expected)
})

test('day 59 is the 28th of February 1900, day 60 none, and day 61 the 1st of March', () => {
  expect([59, 60, 61, 0.5, 2_958_466].map((serial) => serialToText(serial, false))).toEqual([
    '1900-02-28',
    undefined,
    '1900-03-01',
    '12:00:00',
    undefined,
  ])
})
