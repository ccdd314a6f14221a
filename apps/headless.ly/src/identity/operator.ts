// The operator of the server, who may list, measure, flush, restore and delete tenants: everybody on a server that only this machine
// reaches, and on any other a signed-in owner, or a program with the operator's key.

import { ObjectError, sha256Hex } from 'digital-objects'
import { unauthorized } from 'objects.do'
import type { Person } from 'oauth.do/directory'
import { requiresSignIn } from '../base/caller-of.ts'
import type { Env } from '../base/env.ts'
import { requireOwnOrigin } from '../base/own-origin.ts'
import { presentedOperatorKey } from '../base/presented-key.ts'
import { requireNoKey } from './establish-caller.ts'
import { personOf } from './people.ts'

/** Throws an ObjectError `unauthorized` or `forbidden`. Other keys belong to tenants, so none of them is accepted. */
export async function requireOperator(request: Request, env: Env): Promise<void> {
  const key = presentedOperatorKey(request.headers)
  if (key !== undefined) return requireOperatorKey(key, env)
  requireNoKey(request.headers)
  if (!requiresSignIn(env)) return
  const { account } = await requirePerson(request, env)
  if (!account.isOwner) throw new ObjectError({ code: 'forbidden', message: 'only an owner of the server may do this' })
  if (request.method !== 'GET' && request.method !== 'HEAD') requireOwnOrigin(request, env)
}

/** Compares hashes, whose time tells nothing about the key. */
function requireOperatorKey(key: string, { OPERATOR_KEY }: Env): void {
  if (OPERATOR_KEY === undefined || sha256Hex(key) !== sha256Hex(OPERATOR_KEY.trim())) throw unauthorized()
}

/** Throws an ObjectError `unauthorized` if nobody is signed in. */
export async function requirePerson({ headers }: Request, env: Env): Promise<Person> {
  const person = await personOf({ headers, env })
  if (person !== undefined) return person
  throw new ObjectError({ code: 'unauthorized', message: 'nobody is signed in here, or the session has ended' })
}
