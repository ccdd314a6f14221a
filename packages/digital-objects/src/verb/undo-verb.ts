// The verbs of an undo. They are those of every Noun, also of one that takes `update` or `delete` away from its callers.

import { conjugate } from '../noun/conjugate.ts'
import type { Verb } from '../noun/schema.ts'

export type UndoKind = 'change' | 'remove' | 'restore'

const names = { change: 'update', remove: 'delete', restore: 'restore' } as const satisfies Readonly<
  Record<UndoKind, string>
>

/** Returns the verb `update`, `delete` or `restore`, whose events are `Updated`, `Deleted` and `Restored`. */
export function undoVerb(kind: UndoKind): Verb {
  return verbs[kind]
}

function makeVerb(kind: UndoKind): Verb {
  const { verb: name, ...forms } = conjugate(names[kind])
  return { name, ...forms, category: 'crud', effect: { sets: {} } }
}

const verbs = { change: makeVerb('change'), remove: makeVerb('remove'), restore: makeVerb('restore') } as const
