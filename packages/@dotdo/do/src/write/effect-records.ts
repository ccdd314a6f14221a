// The live entities that refer to an entity, for an effect that lists them. They are read in the lane, inside the commit.

import { commitChangesMax, type EntityFields, ObjectError, type RecordsQuery } from 'digital-objects'
import { referringIds } from '../state/referring.ts'
import type { StorageHandler } from '../state/storage-handler.ts'
import type { TenantCatalog } from '../state/tenant-catalog.ts'

interface RecordParts {
  readonly sql: SqlStorage
  readonly state: StorageHandler
  readonly catalog: Pick<TenantCatalog, 'current'>
}

/**
 * Returns none if the tenant has no such Noun, or only one of its own where a service's is meant. Throws an ObjectError for more
 * than a commit could have made.
 */
export function recordsOf(
  { sql, state, catalog }: RecordParts,
  { noun, by, id, ifKnown }: RecordsQuery,
): readonly EntityFields[] {
  const schema = catalog.current.lookup(noun)
  const field = schema?.fields[by]
  if (schema === undefined || field?.kind !== 'reference' || !state.hasTable(noun)) return []
  if (ifKnown && schema.service === undefined) return []
  const ids = referringIds({ sql, state }, schema, { field, id, limit: commitChangesMax + 1 })
  if (ids.length > commitChangesMax) throw tooMany(noun, id)
  const table = state.tableOf(schema)
  return ids.flatMap((one) => {
    const version = state.getToChange(table, one)
    return version === undefined ? [] : [{ ...version.fields, $id: one }]
  })
}

function tooMany(noun: string, id: string): ObjectError {
  const message = `more than ${commitChangesMax} entities of type ${noun} refer to ${id}, and an effect lists at most so many`
  return new ObjectError({ code: 'payload_too_large', message })
}
