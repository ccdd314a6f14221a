// Replaces the roles of a tenant, and the values of `User.role` with them if they change: one commit, or nothing.

import { isObject, type Roles } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { makeKey } from '../calls/make-key.ts'
import type { Session } from '../calls/session.ts'
import type { WriteOptions } from '../entities/entity-methods.ts'
import { refusalToError } from '../wire/problem-to-error.ts'

export interface SetRolesOptions extends Pick<WriteOptions, 'ifVersion' | 'idempotencyKey' | 'signal'> {
  /** The values that `User.role` has from then on, among them the name of each role. By default they stay. */
  readonly names?: readonly string[] | undefined
}

export async function setRoles(session: Session, roles: object, options: SetRolesOptions): Promise<Roles> {
  const { ifVersion, names, idempotencyKey = makeKey(), signal } = options
  const expected = ifVersion === undefined ? {} : { ifVersion }
  const call = { kind: 'write', noun: '', idempotencyKey } as const
  if (names === undefined) {
    const body = JSON.stringify({ roles })
    return rolesOf((await session.send({ ...call, verb: 'rules.put', body, ...expected }, signal)).body)
  }
  // A role is a value of the field before it has rules.
  const operations = [
    { method: 'PATCH', path: '/schema/User', body: { fields: { role: names.join(' | ') } } },
    { method: 'PUT', path: '/rules', body: { roles }, ...expected },
  ]
  const sent = { ...call, verb: 'batch', body: JSON.stringify({ operations }) }
  const { body } = await session.send(sent, signal).catch(throwOwnRefusal)
  const results: unknown = isObject(body) ? body['results'] : undefined
  const last: unknown = Array.isArray(results) ? results.at(-1) : undefined
  return rolesOf(isObject(last) ? last['body'] : undefined)
}

export function rolesOf(body: unknown): Roles {
  if (isObject(body) && 'roles' in body) return body['roles'] as Roles // the server's contract
  throw new HeadlesslyError({ code: 'unexpected_answer', message: "expected an object with 'roles' as JSON" })
}

/** Throws the refusal of the operation in place of that of the batch. */
function throwOwnRefusal(error: unknown): never {
  const details =
    error instanceof HeadlesslyError && error.code === 'batch_failed' ? error.detail['details'] : undefined
  const first: unknown = Array.isArray(details) ? details[0] : undefined
  throw isObject(first) ? refusalToError(first['problem'], undefined) : error
}
