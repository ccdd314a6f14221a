// The kinds of a change: those of its verb, or of the verbs to whose state a creation, an update or a rollback brings the
// entity, so that no other way to a state has fewer kinds.

import type { EntityFields } from '../base/entity.ts'
import type { NounSchema, Verb } from '../noun/schema.ts'
import type { VerbKind } from '../noun/verb-kind.ts'
import { verbsOfState } from './verb-of-move.ts'

export interface MadeChange {
  readonly schema: NounSchema
  readonly verb: Verb
  /** The fields before the change; undefined while the entity does not exist. */
  readonly before: EntityFields | undefined
  readonly after: EntityFields | undefined
}

/** Kinds that depend on fields, such as those that give rights, are not among them. */
export function kindsOfChange({ schema, verb, before, after }: MadeChange): ReadonlySet<VerbKind> {
  const kinds = new Set<VerbKind>(verb.effect.does)
  if (after === undefined) return kinds.add('deletes')
  if (verb.category === 'custom') return kinds
  for (const name of verbsOfState(schema, { before, after }))
    for (const kind of schema.verbs[name]?.effect.does ?? []) kinds.add(kind)
  return kinds
}
