// Only writes of entities can be forced: others have no table of transitions.

import { type CallOf, ObjectError } from 'digital-objects'
import type { Write } from './write.ts'

/** Throws an ObjectError for a force that the write would ignore. */
export function requireForceable(
  { name, takesForce }: Pick<Write, 'name' | 'takesForce'>,
  call: CallOf<'write'>,
): void {
  if (call.force === undefined || takesForce === true) return
  throw new ObjectError({
    code: 'invalid_parameter',
    field: 'force',
    message: `force is for writes of entities, and ${name} is not one; each operation of a batch takes its own`,
  })
}
