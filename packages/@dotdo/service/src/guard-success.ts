// Only the server says that its own work has succeeded, such as a run. Others may end it as failed.

import type { BeforeHook } from '@dotdo/do'
import { type EntityFields, ObjectError } from 'digital-objects'

export interface RecordedWork {
  /** A Noun with the states of a run in its field `status`. */
  readonly noun: string
  /** Whether the actor is the server at this work. */
  readonly isServer: (actor: string, work: EntityFields) => boolean
}

const succeeded = 'Succeeded'

export function guardSuccess({ noun, isServer }: RecordedWork): BeforeHook {
  return {
    id: `success-of-${noun}`,
    applies: (of, verb) => of === noun && verb !== 'delete',
    run: (fields, { actor, previous }) => {
      if (fields['status'] !== succeeded || previous?.['status'] === succeeded) return
      if (isServer(actor, previous ?? fields)) return
      const message = `only the server says that a ${noun} has succeeded; others may end it by ${noun}.fail`
      throw new ObjectError({ code: 'forbidden', field: 'status', message })
    },
  }
}
