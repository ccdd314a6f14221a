// The part of database.do inside the tenant's object: it converts staged rows by the plan of their import.

import type { Importer } from '@dotdo/service'
import {
  isPlainObject,
  type JsonValue,
  type NounSchema,
  ObjectError,
  parseDatetime,
  parseTimeZone,
  storedFields,
} from 'digital-objects'
import { rowConverter } from './convert-row.ts'
import type { ImportPlan, PlannedColumn } from './import-plan.ts'
import { columnsMax } from './json-rows.ts'
import { fromStaged } from './staged-row.ts'

export const importer: Importer = {
  converter: (plan, noun) => {
    const convert = rowConverter(parsePlan(plan, noun), noun)
    return (staged) => {
      const row = fromStaged(staged)
      return 'fault' in row ? row : convert(row)
    }
  },
}

const targets: readonly unknown[] = ['field', 'id', 'at', 'metadata', 'ignored']

const pathMax = 20
const valuesMax = 1_000
/** The compiler finds a member of a plan that is missing here, which would be refused. */
const members = Object.keys({
  columns: true,
  values: true,
  zone: true,
  system: true,
  match: true,
  noun: true,
  at: true,
  ids: true,
  composesName: true,
  convertsNumbers: true,
} satisfies Readonly<Record<keyof ImportPlan, true>>)
const columnMembers = Object.keys({
  index: true,
  header: true,
  to: true,
  field: true,
  path: true,
  values: true,
  formats: true,
  by: true,
} satisfies Readonly<Record<keyof PlannedColumn, true>>)
const choices = ['choice', 'name', 'label', 'synonym', 'system', 'none'] as const
const formatChoices: Readonly<Record<string, readonly string[]>> = {
  dates: ['dmy', 'mdy', 'ymd'],
  decimal: ['.', ','],
  amounts: ['major', 'minor'],
}

/** Checks the whole plan, since a client may have made it itself. */
function parsePlan(plan: JsonValue, noun: NounSchema): ImportPlan {
  if (!isPlainObject(plan)) throw invalid('', 'expects an object')
  refuseStrays(plan, members, '')
  const { columns, zone, system, match, at } = plan
  if (typeof zone !== 'string' || parseTimeZone(zone) === undefined)
    throw invalid('zone', 'expects a time zone such as Europe/Berlin')
  // The name of a program and that of a row are joined by a colon.
  if (typeof system !== 'string' || !/^[a-z0-9-]{0,63}$/.test(system))
    throw invalid('system', 'expects lower-case letters, digits and hyphens, at most 63')
  if (plan['noun'] !== noun.name) throw invalid('noun', `expects ${noun.name}, got ${JSON.stringify(plan['noun'])}`)
  if (at !== undefined && (typeof at !== 'string' || parseDatetime(at) === undefined))
    throw invalid('at', 'expects a time such as 2026-01-31T12:00:00Z')
  if (plan['ids'] !== undefined && plan['ids'] !== 'keep') throw invalid('ids', 'expects keep, or is left out')
  for (const name of ['composesName', 'convertsNumbers'])
    if (plan[name] !== undefined && plan[name] !== true) throw invalid(name, 'expects true, or is left out')
  const { values = {} } = plan
  if (!isPlainObject(values)) throw invalid('values', 'expects an object of fields and their values')
  const stray = Object.keys(values).find((name) => !storedFields(noun).some((field) => field.name === name))
  if (stray !== undefined) throw invalid('values', `expects fields of ${noun.name}, got '${stray.slice(0, 64)}'`)
  checkMatch(match, noun)
  if (!Array.isArray(columns) || columns.length > columnsMax)
    throw invalid('columns', `expects a list of at most ${columnsMax} columns`)
  for (const [place, column] of columns.entries()) checkColumn(column, `columns[${place}]`, noun)
  return plan as unknown as ImportPlan // checked
}

function checkMatch(match: unknown, noun: NounSchema): void {
  if (match === null || match === '$id') return
  const field = typeof match === 'string' && Object.hasOwn(noun.fields, match) ? noun.fields[match] : undefined
  const isFound = field !== undefined && field.kind !== 'reverse' && (field.indexed || field.unique) && !field.many
  if (!isFound) throw invalid('match', 'expects an indexed field with one value, $id, or null')
}

function checkColumn(column: unknown, place: string, noun: NounSchema): void {
  if (!isPlainObject(column)) throw invalid(place, 'expects an object')
  refuseStrays(column, columnMembers, `${place}.`)
  const { index, header, to, field, path, values, formats, by } = column
  if (typeof index !== 'number' || !Number.isSafeInteger(index) || index < 0 || index >= columnsMax)
    throw invalid(`${place}.index`, `expects a number from 0 to ${columnsMax - 1}`)
  if (typeof header !== 'string') throw invalid(`${place}.header`, 'expects a string')
  if (!targets.includes(to)) throw invalid(`${place}.to`, `expects one of ${targets.join(', ')}`)
  if (field !== undefined && typeof field !== 'string') throw invalid(`${place}.field`, 'expects a string')
  if (to === 'field' && !storedFields(noun).some(({ name }) => name === field))
    throw invalid(`${place}.field`, `expects the name of a field of ${noun.name}`)
  if (!choices.some((one) => one === by)) throw invalid(`${place}.by`, `expects one of ${choices.join(', ')}`)
  if (path !== undefined && !isTexts(path, pathMax))
    throw invalid(`${place}.path`, `expects a list of at most ${pathMax} strings`)
  if (values !== undefined && !(isPlainObject(values) && isTexts(Object.values(values), valuesMax)))
    throw invalid(`${place}.values`, `expects an object of at most ${valuesMax} strings`)
  if (formats !== undefined) checkFormats(formats, `${place}.formats`)
}

function checkFormats(formats: unknown, place: string): void {
  if (!isPlainObject(formats)) throw invalid(place, 'expects an object')
  refuseStrays(formats, Object.keys(formatChoices), `${place}.`)
  for (const [name, value] of Object.entries(formats)) {
    const known = formatChoices[name] ?? []
    if (typeof value !== 'string' || !known.includes(value))
      throw invalid(`${place}.${name}`, `expects one of ${known.join(', ')}`)
  }
}

function isTexts(value: unknown, most: number): boolean {
  return Array.isArray(value) && value.length <= most && value.every((one) => typeof one === 'string')
}

function refuseStrays(value: object, allowed: readonly string[], place: string): void {
  const stray = Object.keys(value).find((name) => !allowed.includes(name))
  if (stray !== undefined) throw invalid(`${place}${stray.slice(0, 64)}`, `is none of ${allowed.join(', ')}`)
}

function invalid(place: string, message: string): ObjectError {
  const field = place === '' ? 'plan' : `plan.${place}`
  return new ObjectError({ code: 'invalid_body', field, message: `${field} ${message}` })
}
