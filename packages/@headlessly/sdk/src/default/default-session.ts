// The session of `$` and of all entities imported by name: one per process, made at its first use.

import type { KnownName, NounSchema } from 'digital-objects'
import { makeSession } from '../client/client.ts'
import type { EntityMethods } from '../entities/entity-methods.ts'
import { makeEntityMethods } from '../entities/make-entity-methods.ts'
import type { Session } from '../calls/session.ts'
import { parseEnvironment, processEnvironment } from '../wire/settings.ts'

let session: Session | undefined

/** Throws a HeadlesslyError `invalid_settings` at each call while the environment names no tenant. */
export function defaultSession(): Session {
  session ??= makeSession(parseEnvironment(processEnvironment()))
  return session
}

export function defaultEntity<Name extends KnownName>(noun: {
  readonly $name: Name
  readonly $schema: NounSchema
}): EntityMethods<Name> {
  return makeEntityMethods<Name>(noun, defaultSession)
}
