// Holds a change to its Noun's rules for amounts: sums, bounds, and fields that may not change.

import { checkBounds, checkFrozen, type EntityFields } from 'digital-objects'
import type { Change } from './change.ts'

export interface RuledChange {
  /** The entity before the change; `live` is false if it was deleted. */
  readonly previous: { readonly version: { readonly fields: EntityFields }; readonly live: boolean } | undefined
  /** The fields after the change. */
  readonly fields: EntityFields
  /** Reads the live entity with this id. */
  readonly read: (id: string) => EntityFields | undefined
}

/** Throws an ObjectError. An undo restores what bounds once allowed, so only frozen fields refuse it; `force` passes these. */
export function checkRules(change: Change, { previous, fields, read }: RuledChange): void {
  const { schema, verb, kind, input = {} } = change
  const before = previous?.live === true ? previous.version.fields : undefined
  const after = kind === 'remove' ? undefined : fields
  // An entity that is restored after its deletion comes back like a creation without arguments.
  if (change.force === undefined)
    checkFrozen(schema, { verb, input, before, after, related: read, isEffect: change.via === 'effect' })
  if (after === undefined || change.undoes !== undefined) return
  checkBounds(schema, {
    operation: `${schema.name}.${verb.name}`,
    before,
    fields,
    related: read,
    isConcealed: change.guard !== undefined,
  })
}
