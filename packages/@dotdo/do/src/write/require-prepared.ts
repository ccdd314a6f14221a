// Asynchronous handlers cannot run inside a commit of several changes.

import { ObjectError } from 'digital-objects'
import type { Change } from './change.ts'
import type { AsyncBeforeHandler } from './hooks.ts'

/** Refuses a change that handlers have to see, in a commit that cannot wait for them. */
export function requirePrepared(handlers: readonly AsyncBeforeHandler[], change: Change): void {
  if (handlers.length === 0 || change.isPrepared === true) return
  const { schema, verb } = change
  const handler = handlers.find(({ applies }) => applies(schema.name, verb.name))
  if (handler === undefined) return
  throw new ObjectError({
    code: 'hook_rejected',
    message: `${schema.name}.${verb.name} waits for the handler '${handler.id}', so it is a write of its own`,
  })
}
