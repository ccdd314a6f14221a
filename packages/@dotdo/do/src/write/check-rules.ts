// Holds a change to its Noun's rules: sums, bounds, hierarchies, and fields that may not change.

import { checkAcyclic, checkBounds, checkFrozen, type EntityFields } from 'digital-objects'
import type { Change } from './change.ts'

export interface RuledChange {
  /** The entity before the change; `live` is false if it was deleted. */
  readonly previous: { readonly version: { readonly fields: EntityFields }; readonly live: boolean } | undefined
  /** The fields after the change. */
  readonly fields: EntityFields
  /** Reads the live entity with this id. */
  readonly read: (id: string) => EntityFields | undefined
}

/**
 * Throws an ObjectError. An undo restores what bounds once allowed, so only frozen fields and hierarchies refuse it, since
 * other entities may have changed meanwhile. `force` passes frozen fields.
 */
export function checkRules(change: Change, { previous, fields, read }: RuledChange): void {
  const { schema, verb, kind, input = {} } = change
  const before = previous?.live === true ? previous.version.fields : undefined
  const after = kind === 'remove' ? undefined : fields
  // An entity that is restored after its deletion comes back like a creation without arguments.
  if (change.force === undefined)
    checkFrozen(schema, { verb, input, before, after, related: read, isEffect: change.via === 'effect' })
  if (after === undefined) return
  const operation = `${schema.name}.${verb.name}`
  checkAcyclic(schema, { operation, id: change.target ?? change.newId, before, fields, read })
  if (change.undoes !== undefined) return
  checkBounds(schema, {
    operation,
    before,
    fields,
    related: read,
    isConcealed: change.guard !== undefined,
  })
}
