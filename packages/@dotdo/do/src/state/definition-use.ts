// Whether stored entities allow a change of a definition: what is in use cannot be taken away. A refusal says how many
// entities stand against it. To be called in the turn of the lane that makes the change.

import {
  type NounSchema,
  ObjectError,
  storageClassOf,
  type StoredField,
  storedFields,
  type TakenAway,
  takenAway,
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

/** SQLite has 100 columns for a table here; past versions have one more meta-column than present ones. */
const columnsMax = 99

/** Throws an ObjectError `conflict` with the count of what is in use. */
export function checkDefinitionChange(options: DefinitionUseOptions, before: NounSchema, after: NounSchema): void {
  const { sql, state } = options
  checkColumns(state, after)
  if (!state.hasTable(before.name)) return
  const table = state.tableOf(before)
  for (const taken of takenAway(before, after)) {
    const { condition, parameters, sentence } = useOf(taken, table)
    const query = `SELECT count(*) AS count FROM ${condition}`
    const { count } = sql.exec<{ count: number }>(query, ...parameters).one()
    if (count > 0) throw inUse(before.name, fieldOf(taken), { count, sentence })
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
 * A Noun whose name was used before has a past, which stays readable: its name is spelled as then, and a field that it
 * had is stored as then. Throws an ObjectError `conflict`.
 */
export function checkReturn(options: DefinitionUseOptions, after: NounSchema): void {
  checkColumns(options.state, after)
  const query = 'SELECT name, definition FROM nouns WHERE name = ? COLLATE NOCASE ORDER BY since'
  const rows = options.sql.exec<{ name: string; definition: string }>(query, after.name).toArray()
  for (const { name, definition } of rows) {
    if (name !== after.name)
      throw conflict(after.name, 'name', `there was a Noun '${name}' before, whose past is kept under that spelling`)
    const earlier = JSON.parse(definition) as NounSchema // only `ensureTable` writes it
    for (const field of storedFields(after)) {
      const then = storedFields(earlier).find((one) => one.name === field.name)
      if (then !== undefined && storageClassOf(then) !== storageClassOf(field))
        throw conflict(
          after.name,
          field.name,
          `was stored as ${storageClassOf(then)} when there was such a Noun before`,
        )
    }
  }
}

function checkColumns(state: StateReader, after: NounSchema): void {
  const count = state.countColumns(after)
  if (count <= columnsMax) return
  throw conflict(
    after.name,
    'fields',
    `its table would have ${count} columns, and ${columnsMax} is the most; a rebuild reclaims those of removed fields that never had a value`,
  )
}

interface Use {
  /** What follows FROM. */
  readonly condition: string
  readonly parameters: readonly string[]
  readonly sentence: string
}

function useOf(taken: TakenAway, table: NounTable): Use {
  const { present } = table
  switch (taken.kind) {
    case 'field':
      return {
        condition: `${present} WHERE ${columnOf(table, taken.field.name)} IS NOT NULL`,
        parameters: [],
        sentence: 'entities with a value in it',
      }
    case 'values':
      return {
        condition: othersOf(taken.field, table, (value) => value),
        parameters: [JSON.stringify(taken.left)],
        sentence: `entities with a value other than ${taken.left.join(', ')}`,
      }
    case 'targets':
      return {
        condition: othersOf(taken.field, table, (value) => `substr(${value}, 1, instr(${value}, '_') - 1)`),
        parameters: [JSON.stringify(taken.left.map((name) => name.toLowerCase()))],
        sentence: `entities that refer to something other than ${taken.left.join(' or ')}`,
      }
    case 'doubles':
      return doublesOf(present, columnOf(table, taken.field.name))
    case 'pathDoubles':
      return doublesOf(present, pathValue(columnOf(table, taken.field), taken.keys))
    default:
      return unreachable(taken)
  }
}

/** Entities with a value that is not in a list, which is the parameter. `read` takes what is compared from a value. */
function othersOf(field: StoredField, table: NounTable, read: (value: string) => string): string {
  const column = columnOf(table, field.name)
  const values = field.many ? `json_each(${column})` : `(SELECT ${column} AS value)`
  const isOther = `${read('each.value')} NOT IN (SELECT value FROM json_each(?))`
  return `${table.present} WHERE ${column} IS NOT NULL AND EXISTS (SELECT 1 FROM ${values} AS each WHERE ${isOther})`
}

function doublesOf(present: string, expression: string): Use {
  return {
    condition: `(SELECT 1 FROM ${present} WHERE ${expression} IS NOT NULL GROUP BY ${expression} HAVING count(*) > 1)`,
    parameters: [],
    sentence: 'values that occur more than once',
  }
}

/** A field that is new has no column yet, and no value. */
function columnOf(table: NounTable, field: string): string {
  const column = table.columns.find((one) => one.field === field)
  return column === undefined ? 'NULL' : quoteName(column.name)
}

function fieldOf(taken: TakenAway): string {
  return taken.kind === 'pathDoubles' ? taken.path : taken.field.name
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
