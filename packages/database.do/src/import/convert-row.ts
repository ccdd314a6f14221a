// Converts a row of a file into an entity, by the plan of its import.

import type { ImportedRow, RefusedRow, RowReference } from '@dotdo/service'
import {
  currencyExponent,
  findInexactNumber,
  inexactNumberFault,
  isExactNumeral,
  isPlainObject,
  type JsonValue,
  type NounSchema,
  parseDatetime,
  type StoredField,
  storedFields,
  tryParseJson,
} from 'digital-objects'
import { numeralOf, readBoolean, readDate, readDatetime, readNumber, type TextFormats } from './cell-formats.ts'
import type { ImportPlan, PlannedColumn } from './import-plan.ts'
import type { Cell, ParsedRow } from './rows.ts'

export type ConvertRow = (row: ParsedRow) => ImportedRow | RefusedRow

class CellFault extends Error {}

export function rowConverter(plan: ImportPlan, noun: NounSchema): ConvertRow {
  const fields = new Map(storedFields(noun).map((field) => [field.name, field]))
  const used = plan.columns.filter(({ to }) => to !== 'ignored')
  const currencyColumn = used.find(({ to, field }) => to === 'field' && field === 'currency')
  const constant = constantsOf(plan, fields)
  return ({ line, cells }) => {
    const body: Record<string, JsonValue> = { ...constant.body }
    // A map, since a header may be `__proto__`.
    const metadata = new Map<string, JsonValue>()
    const references: RowReference[] = [...constant.references]
    const faults: string[] = []
    let [name, at]: [string | undefined, string | undefined] = [undefined, plan.at]
    const currency = currencyColumn === undefined ? constant.currency : textOf(cells[currencyColumn.index] ?? null)
    for (const column of used) {
      const cell = cellAt(cells, column)
      if (cell === null) continue
      try {
        refuseRounded(cell, column, fields)
        switch (column.to) {
          case 'id': {
            const text = textOf(cell)?.trim()
            if (text !== undefined && text !== '') name = text
            break
          }
          case 'at':
            at = timeOf(cell, { column, plan }) ?? at
            break
          case 'metadata':
            if (cell !== '') metadata.set(column.field ?? column.header, typeof cell === 'string' ? cell : cell[0])
            break
          case 'field': {
            const field = fields.get(column.field ?? '')
            if (field === undefined) break
            if (field.kind === 'reference') {
              const texts = limited(referenceTexts(field, cell))
              if (texts.length > 0) references.push({ field: field.name, texts, isMany: field.many })
              else if (typeof cell !== 'string') body[field.name] = cell[0]
              break
            }
            const value = valueOf(field, cell, { column, plan, currency })
            if (value !== undefined) body[field.name] = value
            break
          }
          default:
        }
      } catch (error) {
        if (!(error instanceof CellFault)) throw error
        faults.push(`column '${column.header}' ${error.message}`)
      }
    }
    if (faults.length > 0) return { line, fault: faults.join('; ') }
    if (metadata.size > 0) {
      const own = isPlainObject(body['metadata']) ? Object.entries(body['metadata']) : []
      body['metadata'] = Object.fromEntries([...own, ...metadata])
    }
    if (plan.composesName === true && body['name'] === undefined) composeName(body)
    return { line, body, references, ...(name === undefined ? {} : { name }), ...(at === undefined ? {} : { at }) }
  }
}

interface Constants {
  readonly body: Readonly<Record<string, JsonValue>>
  readonly references: readonly RowReference[]
  readonly currency: string | undefined
}

/** Values that each row has by the plan itself. The server checks them with the row. */
function constantsOf({ values = {} }: ImportPlan, fields: ReadonlyMap<string, StoredField>): Constants {
  const body: Record<string, JsonValue> = {}
  const references: RowReference[] = []
  for (const [name, value] of Object.entries(values)) {
    const field = fields.get(name)
    if (field?.kind === 'reference')
      references.push({ field: name, texts: referenceTexts(field, [value]), isMany: field.many })
    else body[name] = value
  }
  const { currency } = body
  return { body, references, currency: typeof currency === 'string' ? currency : undefined }
}

/**
 * Refuses 4.91712E+11, as a spreadsheet writes a long number, such as that of a phone: the rest of its digits is lost. As an id, it
 * would make one entity of many.
 */
function refuseRounded(
  cell: Cell,
  { to, field: name = '' }: PlannedColumn,
  fields: ReadonlyMap<string, StoredField>,
): void {
  const field = fields.get(name)
  const isNumber = field?.kind === 'data' && ['number', 'integer', 'money'].includes(field.type)
  const isKept = to === 'id' || (to === 'field' && !isNumber)
  if (!isKept || typeof cell !== 'string' || !/^\s*-?\d(?:[.,]\d+)?E\+\d{2}\s*$/.test(cell)) return
  const given = cell.trim().slice(0, 60)
  throw new CellFault(
    `has a number that a spreadsheet has rounded, '${given}': give the column the format of a text, and enter the value again`,
  )
}

function composeName(body: Record<string, JsonValue>): void {
  const parts = [body['firstName'], body['lastName']].filter((part) => typeof part === 'string' && part.trim() !== '')
  const email = body['email']
  if (parts.length > 0) body['name'] = parts.join(' ')
  else if (typeof email === 'string') body['name'] = email
}

function cellAt(cells: readonly Cell[], { index, path }: PlannedColumn): Cell {
  const cell = cells[index] ?? null
  if (path === undefined || cell === null) return cell
  const value = typeof cell === 'string' ? tryParseJson(cell) : cell[0]
  const found = path.reduce<JsonValue | undefined>(within, value === undefined ? undefined : (value as JsonValue))
  return found === undefined || found === null ? null : [found]
}

/** Converts a list to the values of all its items. */
function within(value: JsonValue | undefined, key: string): JsonValue | undefined {
  if (Array.isArray(value)) return value.flatMap((item: JsonValue) => within(item, key) ?? [])
  return isPlainObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

function textOf(cell: Cell): string | undefined {
  if (cell === null) return undefined
  if (typeof cell === 'string') return cell
  const [value] = cell
  return value === null ? undefined : typeof value === 'string' ? value : JSON.stringify(value)
}

/** A number of a JSON file is a time of seconds, as APIs have it. */
function timeOf(
  cell: Cell,
  { column, plan }: { readonly column: PlannedColumn; readonly plan: ImportPlan },
): string | undefined {
  if (cell !== null && typeof cell !== 'string' && typeof cell[0] === 'number' && plan.convertsNumbers !== true) {
    const time = new Date(cell[0] * 1_000)
    if (Number.isNaN(time.getTime())) throw new CellFault(`expects a time in seconds, got ${cell[0]}`)
    return time.toISOString()
  }
  const text = textOf(cell)?.trim() ?? ''
  if (text === '') return undefined
  const read = readDatetime(text, { order: column.formats?.dates ?? 'ymd', zone: plan.zone })
  if (read === undefined) throw new CellFault(`expects a time, got '${text.slice(0, 60)}'`)
  return read
}

/** Each text is looked up, and a row is one change. */
const referencesPerCellMax = 1_000

function limited(texts: readonly string[]): readonly string[] {
  if (texts.length <= referencesPerCellMax) return texts
  throw new CellFault(`expects at most ${referencesPerCellMax} names, got ${texts.length}`)
}

function referenceTexts({ many }: StoredField, cell: Cell): readonly string[] {
  const value = typeof cell === 'string' || cell === null ? cell : cell[0]
  if (Array.isArray(value))
    return value.flatMap((item: JsonValue) =>
      typeof item === 'string' || typeof item === 'number' ? [String(item)] : [],
    )
  if (typeof value === 'number') return [String(value)]
  if (typeof value !== 'string' || value.trim() === '') return []
  // Exports of other programs put several ids into a cell, of which the first is the primary one.
  return many || /^\d+(?:;\d+)+$/.test(value)
    ? value
        .split(';')
        .map((part) => part.trim())
        .filter((part) => part !== '')
        .slice(0, many ? undefined : 1)
    : [value.trim()]
}

interface Reading {
  readonly column: PlannedColumn
  readonly plan: ImportPlan
  readonly currency: string | undefined
}

/** Returns undefined if the cell has no value for the field. Keeps what validation refuses with a message of its own. */
function valueOf(field: StoredField, cell: Exclude<Cell, null>, reading: Reading): JsonValue | undefined {
  if (typeof cell !== 'string') return typedValue(field, cell[0], reading)
  if (field.many) return listOf(field, cell, reading)
  if (cell === '' || (cell.trim() === '' && !isText(field))) return holdsEmptyString(field) ? cell : undefined
  return itemOf(field, cell, reading)
}

function typedValue(field: StoredField, value: JsonValue, reading: Reading): JsonValue {
  const { column, plan } = reading
  if (plan.convertsNumbers === true && (typeof value === 'number' || typeof value === 'boolean'))
    return convertedValue(field, value, reading)
  if (field.kind === 'enum' && typeof value === 'string') return enumValue(field.values, value, column)
  if (field.kind !== 'data') return value
  if (
    !field.many &&
    isText(field) &&
    Array.isArray(value) &&
    value.every((item: JsonValue) => typeof item === 'string')
  )
    return value.join(', ')
  // A program without a type for dates writes texts.
  if (typeof value === 'string' && value !== '' && plan.system !== 'headlessly' && plan.system !== '') {
    if (field.type === 'datetime') return readDatetime(value, { order: 'ymd', zone: plan.zone }) ?? value
    if (field.type === 'date') return readDate(value, 'ymd') ?? value
  }
  return value
}

/** A number or boolean of a spreadsheet, as the field would read its text. */
function convertedValue(field: StoredField, value: number | boolean, reading: Reading): JsonValue {
  const isNumber = field.kind === 'data' && (field.type === 'number' || field.type === 'integer')
  if (isNumber || (field.kind === 'data' && field.type === 'boolean' && typeof value === 'boolean')) return value
  const { column } = reading
  const formats: TextFormats = { ...column.formats, decimal: '.' }
  const item = itemOf(field, String(value), { ...reading, column: { ...column, formats } })
  return field.many ? [item] : item
}

function isText(field: StoredField): boolean {
  return field.kind === 'data' && (field.type === 'string' || field.type === 'text')
}

/** Whether `""` is a value of the field. For others it is no value, as programs write it that quote every cell. */
function holdsEmptyString(field: StoredField): boolean {
  const { many, required, unique } = field
  return isText(field) && !many && !required && !unique
}

/** A list is JSON, or its values with semicolons or commas between them. */
function listOf(field: StoredField, text: string, reading: Reading): JsonValue {
  if (text.trim() === '') return []
  if (text.trimStart().startsWith('[')) return exactJson(text)
  const mark = text.includes(';') ? ';' : ','
  return text
    .split(mark)
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map((item) => itemOf(field, item, reading))
}

function itemOf(field: StoredField, text: string, reading: Reading): JsonValue {
  const { column, plan } = reading
  if (field.kind === 'enum') return enumValue(field.values, text, column)
  if (field.kind !== 'data') return text
  const { formats = {} } = column
  const given = text.trim()
  switch (field.type) {
    case 'number':
      return numberOf(text, formats)
    case 'integer':
      return numberOf(text, formats)
    case 'money':
      return amountOf(text, { formats, currency: reading.currency })
    case 'boolean': {
      const value = readBoolean(text)
      if (value === undefined) throw new CellFault(`expects yes or no, got '${given.slice(0, 60)}'`)
      return value
    }
    case 'datetime': {
      const read = readDatetime(given, { order: formats.dates ?? 'ymd', zone: plan.zone })
      if (read === undefined) throw new CellFault(`expects a time, got '${given.slice(0, 60)}'${dayHint(given)}`)
      return read
    }
    case 'date': {
      const exact = parseDatetime(given) === undefined ? undefined : given.slice(0, 10)
      const read = exact ?? readDate(given, formats.dates ?? 'ymd')
      if (read === undefined) throw new CellFault(`expects a date, got '${given.slice(0, 60)}'${dayHint(given)}`)
      return read
    }
    case 'json':
      return exactJson(text)
    case 'currency':
      return given.toUpperCase()
    case 'email':
    case 'url':
    case 'id':
      return field.type === 'url' && /^(?:www\.)?[\p{L}\d-]+(?:\.[\p{L}\d-]+)+(?:\/\S*)?$/u.test(given)
        ? `https://${given}`
        : given
    default:
      return text
  }
}

/** Spreadsheets count days from 1900. */
function dayHint(text: string): string {
  const hint = ', which is how spreadsheets count days: give the column the format of a date and save the file again'
  return /^\d{5}(?:[.,]\d+)?$/.test(text) ? hint : ''
}

function numberOf(text: string, { decimal = '.' }: TextFormats): JsonValue {
  const value = readNumber(text, decimal)
  if (value === undefined) throw new CellFault(`expects a number, got '${text.trim().slice(0, 60)}'`)
  const numeral =
    numeralOf(text)
      ?.numeral.replaceAll(decimal === '.' ? ',' : '.', '')
      .replace(decimal, '.') ?? ''
  if (
    !isExactNumeral(
      numeral
        .replace(/^\+/, '')
        .replace(/\.$/, '')
        .replace(/^(-?)0+(?=\d)/, '$1')
        .replace(/^(-?)\./, '$10.'),
    )
  )
    throw new CellFault(inexactNumberFault(text.trim().slice(0, 60)))
  return value
}

/** An amount in minor units of its currency. */
function amountOf(
  text: string,
  { formats, currency }: { readonly formats: TextFormats; readonly currency: string | undefined },
): JsonValue {
  const value = numberOf(text, formats)
  if (formats.amounts !== 'major' || typeof value !== 'number') return value
  const code = (numeralOf(text)?.currency ?? currency ?? 'USD').trim().toUpperCase()
  const exponent = currencyExponent(code) ?? 2
  const minor = Math.round(value * 10 ** exponent)
  if (Math.abs(minor / 10 ** exponent - value) > 1e-9 * Math.max(1, Math.abs(value)))
    throw new CellFault(`expects at most ${exponent} decimal places, as ${code} has, got '${text.trim().slice(0, 60)}'`)
  return minor
}

function enumValue(values: readonly string[], text: string, { values: mapped = {} }: PlannedColumn): JsonValue {
  const lower = text.trim().toLowerCase()
  const found = Object.hasOwn(mapped, lower) ? mapped[lower] : undefined
  if (found !== undefined) return found
  const bare = (value: string): string => value.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
  return values.find((value) => bare(value) === bare(lower)) ?? text.trim()
}

function exactJson(text: string): JsonValue {
  const value = tryParseJson(text)
  if (value === undefined) throw new CellFault(`expects JSON, got '${text.slice(0, 60)}'`)
  const inexact = findInexactNumber(text)
  if (inexact !== undefined) throw new CellFault(inexactNumberFault(inexact.text))
  return value as JsonValue
}
