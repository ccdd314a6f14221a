// `$.schema`: the definitions of the tenant's entity types, read and changed while the server runs.

import type { NounDefinition } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { CallOptions } from '../calls/call-options.ts'
import { makeKey } from '../calls/make-key.ts'
import type { Session } from '../calls/session.ts'
import type { WriteOptions } from '../entities/entity-methods.ts'

/** The server's description of an entity type. Further members describe its fields and verbs. */
export interface DefinedType {
  readonly name: string
  readonly definition: NounDefinition
  readonly [more: string]: unknown
}

/** Additions need no fields. */
export type Additions = Partial<NounDefinition>

export interface Schemas {
  /** Returns entity types by name. `defined` leaves out built-in ones without additions. */
  list(
    options?: CallOptions & { readonly defined?: boolean | undefined },
  ): Promise<Readonly<Record<string, DefinedType>>>
  get(name: string, options?: CallOptions): Promise<DefinedType>
  /** Defines an entity type of the tenant's own, or replaces its definition. */
  put(name: string, definition: NounDefinition, options?: WriteOptions): Promise<DefinedType>
  /** Adds to any entity type; null for a field or verb takes back what was added. */
  patch(name: string, additions: Additions, options?: WriteOptions): Promise<DefinedType>
  /** Removes an own entity type that has no entities. */
  delete(name: string, options?: WriteOptions): Promise<void>
}

export function makeSchemas(session: () => Session): Schemas {
  const write = async (
    verb: string,
    name: string,
    given: { body: string; options: WriteOptions },
  ): Promise<unknown> => {
    const { ifVersion, idempotencyKey = makeKey(), signal } = given.options
    const expected = ifVersion === undefined ? {} : { ifVersion }
    const call = { kind: 'write', noun: name, verb, body: given.body, idempotencyKey, ...expected } as const
    return (await session().send(call, signal)).body
  }
  return Object.freeze<Schemas>({
    list: async ({ defined = false, signal } = {}) => {
      const parameters: Readonly<Record<string, string>> = defined ? { defined: 'true' } : {}
      const { body } = await session().send({ kind: 'read', read: 'schemas', parameters }, signal)
      return parseObject(body) as Readonly<Record<string, DefinedType>>
    },
    get: async (noun, { signal } = {}) =>
      parseObject((await session().send({ kind: 'read', read: 'schema', noun, parameters: {} }, signal)).body),
    put: async (name, definition, options = {}) =>
      parseObject(await write('schema.put', name, { body: JSON.stringify(definition), options })),
    patch: async (name, additions, options = {}) =>
      parseObject(await write('schema.patch', name, { body: JSON.stringify(additions), options })),
    delete: async (name, options = {}) => void (await write('schema.delete', name, { body: '', options })),
  })
}

/** The server's own description. */
function parseObject(body: unknown): DefinedType {
  if (typeof body === 'object' && body !== null) return body as DefinedType
  throw new HeadlesslyError({ code: 'unexpected_answer', message: 'expected a schema from the server' })
}
