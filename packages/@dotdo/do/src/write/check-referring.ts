// Holds a changed entity to the bounds of entities that refer to it, such as `price.plan = plan` of subscriptions.

import {
  boundsOn,
  breaksBound,
  commitChangesMax,
  type EntityFields,
  isSameJson,
  type NounSchema,
  ObjectError,
} from 'digital-objects'
import { referringIds } from '../state/referring.ts'
import type { StorageHandler } from '../state/storage-handler.ts'
import type { TenantCatalog } from '../state/tenant-catalog.ts'

export interface ReferringParts {
  readonly catalog: TenantCatalog
  readonly sql: SqlStorage
  readonly state: StorageHandler
}

export interface ReferredChange {
  readonly schema: NounSchema
  readonly id: string
  readonly before: EntityFields
  readonly after: EntityFields
  /** Reads the live entity with this id. */
  readonly read: (id: string) => EntityFields | undefined
  /** True for a caller who may not see every entity. */
  readonly isConcealed: boolean
}

/** Throws an ObjectError `conflict` that names the field. An undo is held to it too, since it may restore what others rely on. */
export function checkReferring(parts: ReferringParts, change: ReferredChange): void {
  const { schema, id, before, after, read, isConcealed } = change
  for (const on of boundsOn(parts.catalog.current.nouns, schema.name)) {
    const { member, reference, bound } = on
    if (isSameJson(before[member], after[member])) continue
    const ids = referringIds(parts, on.schema, { field: reference, id, limit: commitChangesMax + 1 })
    const broken = ids.find((other, at) => {
      const referring = read(other)
      return at === commitChangesMax || (referring !== undefined && breaksBound(on, { ...change, referring }))
    })
    if (broken === undefined) continue
    const holder = isConcealed ? `a ${on.schema.name}` : `${on.schema.name} '${broken}'`
    throw new ObjectError({
      code: 'conflict',
      field: member,
      message: `${schema.name}.${member} cannot change: ${holder} refers to it and would break its rule '${bound.text}'`,
      detail: { reason: 'referring', entityType: on.schema.name },
    })
  }
}
