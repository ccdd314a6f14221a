// An Excel workbook (ECMA-376 part 1, SpreadsheetML): its sheets, strings and formats.

import { readXml, type XmlListener } from '@dotdo/service'
import { refuseFile } from './import-refused.ts'
import { isDateFormat } from './cell-dates.ts'
import { ZipArchive } from './zip-archive.ts'

export interface Sheet {
  readonly name: string
  readonly path: string
  readonly isHidden: boolean
}

export interface Workbook {
  readonly archive: ZipArchive
  readonly sheets: readonly Sheet[]
  readonly strings: readonly string[]
  readonly isFrom1904: boolean
  /** Whether cells of a style are dates. */
  readonly isDate: (style: number) => boolean
}

const partBytesMax = 8 * 2 ** 20
const stringsBytesMax = 64 * 2 ** 20
const workbookPath = 'xl/workbook.xml'

/** Throws an ObjectError. */
export async function openWorkbook(bytes: Uint8Array<ArrayBuffer>): Promise<Workbook> {
  if (bytes[0] === 0xd0 && bytes[1] === 0xcf)
    throw refuseFile('the file is an old .xls workbook, or has a password: save it as .xlsx without one')
  const archive = new ZipArchive(bytes)
  if (!archive.has(workbookPath)) throw refuseFile('the archive is no .xlsx workbook')
  const targets = await relations(archive)
  const { sheets, isFrom1904 } = await readSheets(archive, targets)
  const [strings, isDate] = [await readStrings(archive, targets), await readStyles(archive, targets)]
  return { archive, sheets, strings, isFrom1904, isDate }
}

interface Relation {
  readonly type: string
  readonly path: string
}

type Relations = ReadonlyMap<string, Relation>

/** Yields after each chunk of a part of the workbook, which is XML. */
export function readPart(chunks: AsyncIterable<Uint8Array>, listener: XmlListener): AsyncGenerator<void> {
  const refuse = (reason: string): Error => refuseFile(`a part of the workbook ${reason}: save it again, or as CSV`)
  return readXml(chunks, { listener, refuse })
}

async function readWholePart(chunks: AsyncIterable<Uint8Array>, listener: XmlListener): Promise<void> {
  for await (const _ of readPart(chunks, listener));
}

async function relations(archive: ZipArchive): Promise<Relations> {
  const found = new Map<string, Relation>()
  await readWholePart(archive.read('xl/_rels/workbook.xml.rels', partBytesMax), {
    opened: (name, { Id, Type = '', Target = '' }) => {
      if (name !== 'Relationship' || Id === undefined) return
      const path = Target.startsWith('/') ? Target.slice(1) : `xl/${Target}`
      found.set(Id, { type: Type.slice(Type.lastIndexOf('/') + 1), path })
    },
  })
  return found
}

async function readSheets(
  archive: ZipArchive,
  targets: Relations,
): Promise<{ readonly sheets: readonly Sheet[]; readonly isFrom1904: boolean }> {
  const sheets: Sheet[] = []
  let isFrom1904 = false
  await readWholePart(archive.read(workbookPath, partBytesMax), {
    opened: (element, attributes) => {
      if (element === 'workbookPr') isFrom1904 = ['1', 'true'].includes(attributes['date1904'] ?? '')
      if (element !== 'sheet') return
      const target = targets.get(attributes['r:id'] ?? '') ?? targets.get(idOf(attributes) ?? '')
      // A sheet of a chart has no cells.
      if (target?.type !== 'worksheet') return
      const { name = '', state = 'visible' } = attributes
      sheets.push({ name, path: target.path, isHidden: state !== 'visible' })
    },
  })
  return { sheets, isFrom1904 }
}

/** The prefix of the namespace may have another name. */
function idOf(attributes: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(attributes).find(([name]) => name.endsWith(':id'))?.[1]
}

function pathOf(targets: Relations, type: string): string | undefined {
  return [...targets.values()].find((target) => target.type === type)?.path
}

/** Texts that cells share. Those that say how a text is pronounced are no part of it. */
async function readStrings(archive: ZipArchive, targets: Relations): Promise<readonly string[]> {
  const path = pathOf(targets, 'sharedStrings')
  if (path === undefined || !archive.has(path)) return []
  const strings: string[] = []
  let [text, isText, isPronounced] = ['', false, false]
  const listener: XmlListener = {
    opened: (name) => {
      if (name === 'si') text = ''
      if (name === 'rPh') isPronounced = true
      isText = name === 't' && !isPronounced
    },
    text: (part) => {
      if (isText) text += part
    },
    closed: (name) => {
      if (name === 'rPh') isPronounced = false
      if (name === 't') isText = false
      if (name === 'si') strings.push(unescaped(text))
    },
  }
  await readWholePart(archive.read(path, stringsBytesMax), listener)
  return strings
}

/** Characters that XML cannot have are written as `_x000D_`. */
export function unescaped(text: string): string {
  return text.includes('_x')
    ? text.replaceAll(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : text
}

async function readStyles(archive: ZipArchive, targets: Relations): Promise<Workbook['isDate']> {
  const path = pathOf(targets, 'styles')
  if (path === undefined || !archive.has(path)) return () => false
  const codes = new Map<number, string>()
  const formats: number[] = []
  let isInCells = false
  await readWholePart(archive.read(path, partBytesMax), {
    opened: (name, { numFmtId = '0', formatCode }) => {
      if (name === 'numFmt' && formatCode !== undefined) codes.set(Number(numFmtId), formatCode)
      if (name === 'cellXfs') isInCells = true
      if (name === 'xf' && isInCells) formats.push(Number(numFmtId))
    },
    closed: (name) => {
      if (name === 'cellXfs') isInCells = false
    },
  })
  const areDates = formats.map((id) => isDateFormat(id, codes.get(id)))
  return (style) => areDates[style] ?? false
}
