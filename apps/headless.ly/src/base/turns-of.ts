// The turns of everything that runs on one thread: the front door and the tenants' objects share it in the embedded server.

import { ThreadTurns } from 'objects.do'
import type { Env } from './env.ts'

/** By environment, which the Worker and its objects share. */
const turns = new WeakMap<Env, ThreadTurns>()

export function turnsOf(env: Env): ThreadTurns {
  const known = turns.get(env)
  if (known !== undefined) return known
  const made = new ThreadTurns()
  turns.set(env, made)
  return made
}
