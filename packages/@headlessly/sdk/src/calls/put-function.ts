// Stores a function under a name: creates it, or replaces what the name has.

import { isPlainObject } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { CallOptions } from './call-options.ts'
import { sourceOf } from './function-source.ts'
import { makeKey } from './make-key.ts'
import type { Session } from './session.ts'

export interface FunctionInput {
  /** A function, or its source. It uses nothing from outside but its parameters. */
  readonly source: string | ((...given: never[]) => unknown)
  /** `Contact.qualifying`, `Contact.qualified`, or a pattern of events such as `Deal.*`. */
  readonly on?: string | undefined
  /** Cron of five fields in UTC. */
  readonly schedule?: string | undefined
  /** Servers to which it may send requests: `api.example.com`, or `http://10.0.0.5:8080` for one without https. */
  readonly hosts?: readonly string[] | undefined
  /** Names of secrets of the tenant that it may send there, as `$.secrets.name`. */
  readonly secrets?: readonly string[] | undefined
  readonly description?: string | undefined
}

export interface StoredFunction {
  readonly $id: string
  readonly $version: number
  readonly name: string
  readonly source: string
  readonly on?: string
  readonly schedule?: string
  readonly hosts?: readonly string[]
  readonly secrets?: readonly string[]
  readonly description?: string
  readonly status: 'Enabled' | 'Disabled'
  /** Why it was disabled. */
  readonly reason?: string
}

export async function putFunction(
  session: Session,
  { name, source, on, schedule, hosts, secrets, description }: FunctionInput & { readonly name: string },
  options: CallOptions = {},
): Promise<StoredFunction> {
  const given = { source: sourceOf(source, 'functions.put'), on, schedule, hosts, secrets, description }
  const write = (of: { readonly verb: string; readonly id?: string; readonly body: object }) =>
    writeFunction(session, of, options) as Promise<StoredFunction> // the server's own form
  const update = ({ $id }: StoredFunction): Promise<StoredFunction> => {
    const cleared = Object.fromEntries(Object.entries(given).map(([field, value]) => [field, value ?? null]))
    return write({ verb: 'update', id: $id, body: cleared })
  }
  const stored = await findFunction(session, name, options)
  if (stored !== undefined) return update(stored)
  try {
    return await write({ verb: 'create', body: { ...given, name } })
  } catch (error) {
    // Another process has stored it meanwhile.
    if (!(error instanceof HeadlesslyError && error.code === 'conflict')) throw error
    const made = await findFunction(session, name, options)
    if (made === undefined) throw error
    return update(made)
  }
}

export async function removeFunction(session: Session, name: string, options: CallOptions = {}): Promise<void> {
  const stored = await findFunction(session, name, options)
  if (stored !== undefined) await writeFunction(session, { verb: 'delete', id: stored.$id }, options)
}

export async function findFunction(
  session: Session,
  name: string,
  { signal }: CallOptions = {},
): Promise<StoredFunction | undefined> {
  const parameters = { filter: JSON.stringify({ name }), limit: '1', strong: 'true' }
  const { body } = await session.send({ kind: 'read', read: 'find', noun: 'Function', parameters }, signal)
  const results = isPlainObject(body) ? body['results'] : undefined
  return Array.isArray(results) ? (results[0] as StoredFunction | undefined) : undefined // the server's own form
}

async function writeFunction(
  session: Session,
  { verb, id, body }: { readonly verb: string; readonly id?: string; readonly body?: object },
  { signal }: CallOptions,
): Promise<unknown> {
  const target = id === undefined ? {} : { id }
  const text = body === undefined ? '' : JSON.stringify(body)
  const call = { kind: 'write', noun: 'Function', verb, ...target, body: text, idempotencyKey: makeKey() } as const
  return (await session.send(call, signal)).body
}
