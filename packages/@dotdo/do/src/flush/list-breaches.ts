// Lists entities that break a current rule because they were written before it. They are kept, and must follow the rule at
// their next write.

import {
  type EntityFields,
  foreignFields,
  hasCanonicalText,
  isSameJson,
  type NounSchema,
  validateCreate,
} from 'digital-objects'
import { quoteName } from '../state/column.ts'
import type { NounTable } from '../state/noun-table.ts'
import { readBaseGroup } from './base-rows.ts'
import { brokenRules, type RuleReads } from '../state/broken-rules.ts'

export interface BreachOptions extends RuleReads {
  /** The event after which the state is read. */
  readonly seq: number
  /** Resolves when the next slice may begin. */
  readonly pause: () => Promise<void>
}

/** Limits the list. A reader examines some entities and corrects the cause. */
const breachesMax = 100
const shownCharactersMax = 200
/** Entities that are compared with their rules before others run. */
const comparedTogether = 100

/** Returns a sentence for each breach, up to the limit. */
export async function listBreaches(options: BreachOptions): Promise<readonly string[]> {
  const { state, lookup, catalog } = options
  // A newer program may have a Noun or a rule that conflicts with the tenant's own definition.
  const breaches = catalog().faults.map(({ message }) => `a definition is not in use: ${message}`)
  for (const noun of state.nounsWithTables()) {
    const schema = lookup(noun)
    if (schema === undefined) continue
    await addInvalid(options, schema, breaches)
    await addDuplicates(options, state.tableOf(schema), breaches)
    if (breaches.length >= breachesMax) break
  }
  return breaches.slice(0, breachesMax)
}

async function addInvalid(options: BreachOptions, schema: NounSchema, breaches: string[]): Promise<void> {
  const { sql, state, seq, pause } = options
  const table = state.tableOf(schema)
  for (let afterId = ''; breaches.length < breachesMax;) {
    const group = readBaseGroup({ sql, state, table, seq, afterId })
    if (group === undefined) return
    for (const [at, { id, fields }] of group.rows.entries()) {
      // Rules read other entities too.
      if (at % comparedTogether === comparedTogether - 1) await pause()
      const validated = validateCreate(schema, fields)
      if (validated.ok) {
        breaches.push(
          ...spellings(schema, { id, fields, canonical: validated.fields }),
          ...ofOtherStates(schema, id, fields),
        )
        for (const broken of brokenRules(options, schema, id))
          breaches.push(`'${id}': ${broken}`.slice(0, shownCharactersMax))
        continue
      }
      for (const { field, message } of validated.faults)
        breaches.push(`'${id}': ${field} ${message}`.slice(0, shownCharactersMax))
    }
    afterId = group.lastId
    await pause()
  }
}

/** Returns a sentence for each value whose spelling is from before the rule of canonical texts. */
function spellings(
  schema: NounSchema,
  entity: { readonly id: string; readonly fields: EntityFields; readonly canonical: EntityFields },
): readonly string[] {
  const { id, fields, canonical } = entity
  const spelled = Object.values(schema.fields).filter(
    (field) => hasCanonicalText(field) && !isSameJson(fields[field.name], canonical[field.name]),
  )
  return spelled.map(({ name }) => {
    const [value, wanted] = [JSON.stringify(fields[name]), JSON.stringify(canonical[name])]
    return `'${id}': ${name} is spelled ${value}, and will be ${wanted} once it is written again`.slice(
      0,
      shownCharactersMax,
    )
  })
}

function ofOtherStates(schema: NounSchema, id: string, fields: EntityFields): readonly string[] {
  const { state = '' } = schema
  return foreignFields(schema, fields).map((name) =>
    `'${id}': ${name} has no place while ${state} is ${String(fields[state])}, and will be cleared once it is written again`.slice(
      0,
      shownCharactersMax,
    ),
  )
}

/** Adds values of unique fields that several entities have. */
async function addDuplicates({ sql, pause }: BreachOptions, table: NounTable, breaches: string[]): Promise<void> {
  const { schema, present, uniqueColumns } = table
  for (const { name, field } of uniqueColumns) {
    const column = quoteName(name)
    // The first slice has no bound, since a number would be compared as a string.
    const beyond = (after: SqlStorageValue): string => (after === null ? `${column} IS NOT ?` : `${column} > ?`)
    const next = (after: SqlStorageValue): string =>
      `SELECT ${column} AS value FROM ${present} WHERE ${beyond(after)} ORDER BY ${column} LIMIT 1 OFFSET ?`
    const query = (after: SqlStorageValue): string =>
      `SELECT ${column} AS value, count(*) AS count FROM ${present} WHERE ${beyond(after)} AND ${column} <= ? GROUP BY 1 HAVING count(*) > 1 LIMIT ?`
    // A blob follows every string and number.
    for (let after: SqlStorageValue = null; after !== lastValue;) {
      const [end] = sql.exec<{ value: SqlStorageValue }>(next(after), after, valuesPerSlice).toArray()
      const through: SqlStorageValue = end?.value ?? lastValue
      for (const { value, count } of sql.exec<Duplicate>(query(after), after, through, breachesMax))
        breaches.push(
          `${schema.name}.${field} ${JSON.stringify(value)} occurs ${count} times`.slice(0, shownCharactersMax),
        )
      after = through
      await pause()
    }
  }
}

interface Duplicate extends Record<string, SqlStorageValue> {
  readonly value: SqlStorageValue
  readonly count: number
}

const valuesPerSlice = 10_000
const lastValue = new ArrayBuffer(0)
