// The number of entities that a filter chooses, or the sum of a field of theirs, for an effect of a verb. It is read in the
// lane, inside the commit, and sees everything, since effects run with the authority of their verb.

import {
  type Filter,
  type NounSchema,
  ObjectError,
  parseAggregate,
  parseFilter,
  toAggregateResults,
  type TotalQuery,
} from 'digital-objects'
import { aggregateVersions } from '../state/aggregate.ts'
import type { NounTable } from '../state/noun-table.ts'
import type { StorageHandler } from '../state/storage-handler.ts'
import type { TenantCatalog } from '../state/tenant-catalog.ts'

/** Limits the entities of the Noun, since other writes wait: reading these takes some 0.1 s. */
const entitiesMax = 200_000

interface TotalParts {
  readonly sql: SqlStorage
  readonly state: StorageHandler
  readonly catalog: Pick<TenantCatalog, 'current'>
}

/** Throws an ObjectError if the filter is wrong, or the Noun has too many entities. */
export function totalOf({ sql, state, catalog }: TotalParts, { noun, filter: given, sum }: TotalQuery): number {
  const { lookup } = catalog.current
  const schema = lookup(noun)
  if (schema === undefined) throw refused('type', `a total expects an entity type, got '${noun.slice(0, 64)}'`)
  const filter = parseFilter(given, { schema, lookup })
  if (hasWords(filter)) throw refused('filter', 'the filter of a total has no $text and no $regex')
  const aggregate = parseAggregate(sum === undefined ? {} : { sum }, { schema, lookup })
  if (!state.hasTable(schema.name)) return 0
  const table = state.tableOf(schema)
  if (state.countPresent(table) > entitiesMax) throw tooMany(schema)
  const tableOf = (name: string): NounTable | undefined => {
    const related = state.hasTable(name) ? lookup(name) : undefined
    return related === undefined ? undefined : state.tableOf(related)
  }
  const point = { seq: undefined, table: tableOf, hasList: (quoted: string) => state.hasList(quoted) }
  const groups = aggregateVersions({ sql, table, filter, point, aggregate, matches: unexpected, fold: unexpected })
  const [all] = toAggregateResults(aggregate, groups.all).results
  const value = sum === undefined ? all?.count : all?.sum?.[sum]
  return typeof value === 'number' ? value : 0
}

function hasWords(filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.of.some(hasWords)
    case 'not':
      return hasWords(filter.of)
    default:
      return filter.kind === 'text' || filter.kind === 'regex'
  }
}

function unexpected(): never {
  throw new Error('a filter without patterns is a statement')
}

function refused(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_filter', field, message })
}

function tooMany({ name }: NounSchema): ObjectError {
  const message = `${name} has more than ${entitiesMax} entities, which an effect does not count: use a query, and send the value`
  return new ObjectError({ code: 'scan_limit', field: 'filter', message })
}
