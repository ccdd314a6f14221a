// Checks a change of a definition against stored entities: parts that are in use cannot be removed. The error says how many
// entities use them. The check must run in the write lane, together with the change.

import {
  type NounSchema,
  ObjectError,
  storageClassOf,
  type StoredField,
  storedFields,
  type Removal,
  listRemovals,
  unreachable,
} from 'digital-objects'
import { quoteName } from './column.ts'
import { pathValue } from './json-path.ts'
import type { NounTable } from './noun-table.ts'
import type { StateReader } from './state-reader.ts'

export interface DefinitionUseOptions {
  readonly sql: SqlStorage
  readonly state: StateReader
}

/** The platform's SQLite allows 100 columns per table. The table of past versions has two more than the present one. */
export const columnsMax = 98

/** Throws an ObjectError `conflict` with the number of entities that use a removed part. */
export function checkDefinitionChange(options: DefinitionUseOptions, before: NounSchema, after: NounSchema): void {
  const { sql, state } = options
  checkColumns(state, after)
  if (!state.hasTable(before.name)) return
  const table = state.tableOf(before)
  for (const removal of listRemovals(before, after)) {
    const { condition, parameters, sentence } = useOf(removal, table)
    const query = `SELECT count(*) AS count FROM ${condition}`
    const { count } = sql.exec<{ count: number }>(query, ...parameters).one()
    if (count > 0) throw inUse(before.name, fieldOf(removal), { count, sentence })
  }
}

/** Throws an ObjectError `conflict` while the Noun has entities. */
export function checkNoEntities({ state }: DefinitionUseOptions, schema: NounSchema): void {
  const count = state.countPresent(state.tableOf(schema))
  if (count === 0) return
  throw new ObjectError({
    code: 'conflict',
    field: 'name',
    message: `${schema.name} is in use: delete its entities first, of which there are ${count}`,
    detail: { count },
  })
}

/**
 * Checks a new Noun whose name was used before. Its past stays readable, so the name needs the same spelling, and its fields
 * the same storage classes. Throws an ObjectError `conflict`.
 */
export function checkReturn(options: DefinitionUseOptions, after: NounSchema): void {
  checkColumns(options.state, after)
  const query = 'SELECT name, definition FROM nouns WHERE name = ? COLLATE NOCASE ORDER BY since'
  const rows = options.sql.exec<{ name: string; definition: string }>(query, after.name).toArray()
  for (const { name, definition } of rows) {
    if (name !== after.name)
      throw conflict(after.name, 'name', `an earlier Noun '${name}' keeps its past under that spelling`)
    const earlier = JSON.parse(definition) as NounSchema // only `ensureTable` writes it
    for (const field of storedFields(after)) {
      const then = storedFields(earlier).find((one) => one.name === field.name)
      if (then !== undefined && storageClassOf(then) !== storageClassOf(field))
        throw conflict(after.name, field.name, `was stored as ${storageClassOf(then)} in an earlier Noun of this name`)
    }
  }
}

function checkColumns(state: StateReader, after: NounSchema): void {
  const count = state.countColumns(after)
  if (count <= columnsMax) return
  throw conflict(
    after.name,
    'fields',
    `its table would have ${count} columns, and at most ${columnsMax} are allowed; a rebuild drops columns of removed fields without values`,
  )
}

interface Use {
  /** The FROM clause and what follows it, without the word FROM. */
  readonly condition: string
  readonly parameters: readonly string[]
  readonly sentence: string
}

function useOf(removal: Removal, table: NounTable): Use {
  const { present } = table
  switch (removal.kind) {
    case 'field':
      return {
        condition: `${present} WHERE ${columnOf(table, removal.field.name)} IS NOT NULL`,
        parameters: [],
        sentence: 'entities with a value in it',
      }
    case 'values':
      return {
        condition: othersOf(removal.field, table, (value) => value),
        parameters: [JSON.stringify(removal.left)],
        sentence: `entities with a value other than ${removal.left.join(', ')}`,
      }
    case 'targets':
      return {
        condition: othersOf(removal.field, table, (value) => `substr(${value}, 1, instr(${value}, '_') - 1)`),
        parameters: [JSON.stringify(removal.left.map((name) => name.toLowerCase()))],
        sentence: `entities that refer to something other than ${removal.left.join(' or ')}`,
      }
    case 'duplicates':
      return duplicatesOf(present, columnOf(table, removal.field.name))
    case 'pathDuplicates':
      return duplicatesOf(present, pathValue(columnOf(table, removal.field), removal.keys))
    default:
      return unreachable(removal)
  }
}

/** Selects entities with a value that is not in a list, the parameter. `read` returns the compared part of a value. */
function othersOf(field: StoredField, table: NounTable, read: (value: string) => string): string {
  const column = columnOf(table, field.name)
  const values = field.many ? `json_each(${column})` : `(SELECT ${column} AS value)`
  const isOther = `${read('each.value')} NOT IN (SELECT value FROM json_each(?))`
  return `${table.present} WHERE ${column} IS NOT NULL AND EXISTS (SELECT 1 FROM ${values} AS each WHERE ${isOther})`
}

function duplicatesOf(present: string, expression: string): Use {
  return {
    condition: `(SELECT 1 FROM ${present} WHERE ${expression} IS NOT NULL GROUP BY ${expression} HAVING count(*) > 1)`,
    parameters: [],
    sentence: 'values that occur more than once',
  }
}

/** Returns the field's quoted column, or NULL for a new field, which has none yet. */
function columnOf(table: NounTable, field: string): string {
  const column = table.columns.find((one) => one.field === field)
  return column === undefined ? 'NULL' : quoteName(column.name)
}

function fieldOf(removal: Removal): string {
  return removal.kind === 'pathDuplicates' ? removal.path : removal.field.name
}

function inUse(noun: string, field: string, use: { readonly count: number; readonly sentence: string }): ObjectError {
  const { count, sentence } = use
  return new ObjectError({
    code: 'conflict',
    field,
    message: `${noun}.${field} is in use: ${sentence}: ${count}`,
    detail: { count },
  })
}

function conflict(noun: string, field: string, message: string): ObjectError {
  return new ObjectError({ code: 'conflict', field, message: `${noun}.${field}: ${message}` })
}
