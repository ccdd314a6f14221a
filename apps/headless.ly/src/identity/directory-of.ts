// The directory of people, as the front door reaches it.

import { ObjectError } from 'digital-objects'
import type { DirectoryStub, Outcome } from 'oauth.do/directory'
import type { Env } from '../base/env.ts'

/** Throws an ObjectError `not_configured`. */
export function directoryOf({ DIRECTORY }: Pick<Env, 'DIRECTORY'>): DirectoryStub {
  if (DIRECTORY !== undefined) return DIRECTORY.getByName('directory')
  throw new ObjectError({
    code: 'not_configured',
    field: 'DIRECTORY',
    message: 'people cannot sign in here: this server has no directory (DIRECTORY)',
  })
}

/** Throws the ObjectError of a refusal. */
export function valueOf<Value>(outcome: Outcome<Value>): Value {
  if (outcome.ok) return outcome.value
  throw new ObjectError(outcome.error)
}
