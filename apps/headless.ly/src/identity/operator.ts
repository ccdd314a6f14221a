// The operator of the server, who may list, measure and delete tenants: everybody on a server that only this machine reaches,
// and a signed-in owner of any other.

import { ObjectError } from 'digital-objects'
import type { Person } from 'oauth.do/directory'
import { requiresSignIn } from '../base/caller-of.ts'
import type { Env } from '../base/env.ts'
import { requireOwnOrigin } from '../base/own-origin.ts'
import { requireNoKey } from './establish-caller.ts'
import { personOf } from './people.ts'

/** Throws an ObjectError `unauthorized` or `forbidden`. Keys belong to tenants, so none is accepted. */
export async function requireOperator(request: Request, env: Env): Promise<void> {
  requireNoKey(request.headers)
  if (!requiresSignIn(env)) return
  const { account } = await requirePerson(request, env)
  if (!account.isOwner) throw new ObjectError({ code: 'forbidden', message: 'only an owner of the server may do this' })
  if (request.method !== 'GET' && request.method !== 'HEAD') requireOwnOrigin(request, env)
}

/** Throws an ObjectError `unauthorized` if nobody is signed in. */
export async function requirePerson({ headers }: Request, env: Env): Promise<Person> {
  const person = await personOf({ headers, env })
  if (person !== undefined) return person
  throw new ObjectError({ code: 'unauthorized', message: 'nobody is signed in here, or the session has ended' })
}
