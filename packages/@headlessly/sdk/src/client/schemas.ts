// `$.schema`: the definitions of the tenant's entity types, read and changed while the server runs.

import type { NounDefinition } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { CallOptions } from '../calls/call-options.ts'
import type { DryRun } from '../calls/dry-run.ts'
import { toAt } from '../calls/happened-at.ts'
import { makeKey } from '../calls/make-key.ts'
import { parseDryRun } from '../calls/parse-answer.ts'
import type { Session } from '../calls/session.ts'
import type { Dry, WriteOptions } from '../entities/entity-methods.ts'

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
  put(name: string, definition: NounDefinition, options: Trial): Promise<DryRun<DefinedType>>
  put(name: string, definition: NounDefinition, options?: WriteOptions): Promise<DefinedType>
  /** Adds to any entity type; null for a field or verb takes back what was added. */
  patch(name: string, additions: Additions, options: Trial): Promise<DryRun<DefinedType>>
  patch(name: string, additions: Additions, options?: WriteOptions): Promise<DefinedType>
  /** Removes an own entity type that has no entities. */
  delete(name: string, options: Trial): Promise<DryRun<null>>
  delete(name: string, options?: WriteOptions): Promise<void>
}

type Trial = Omit<WriteOptions, 'dryRun'> & Dry
type Given = Omit<WriteOptions, 'dryRun'> & { readonly dryRun?: boolean | undefined }

export function makeSchemas(session: () => Session): Schemas {
  const write = async (verb: string, name: string, given: { body: string; options: Given }): Promise<unknown> => {
    const { at, ifVersion, idempotencyKey = makeKey(), dryRun, signal } = given.options
    const expected = { ...(ifVersion === undefined ? {} : { ifVersion }), ...toAt(verb, at) }
    const trial = dryRun === true ? { isDryRun: dryRun } : {}
    const call = { kind: 'write', noun: name, verb, body: given.body, idempotencyKey, ...expected, ...trial } as const
    const { body } = await session().send(call, signal)
    return dryRun === true ? parseDryRun(body) : body
  }
  const define =
    (verb: 'put' | 'patch') =>
    async (name: string, definition: object, options?: Given): Promise<never> =>
      // The overloads say which of the two it is.
      parseObject(
        await write(`schema.${verb}`, name, { body: JSON.stringify(definition), options: options ?? {} }),
      ) as never
  return Object.freeze<Schemas>({
    list: async ({ defined = false, signal } = {}) => {
      const parameters: Readonly<Record<string, string>> = defined ? { defined: 'true' } : {}
      const { body } = await session().send({ kind: 'read', read: 'schemas', parameters }, signal)
      return parseObject(body) as Readonly<Record<string, DefinedType>>
    },
    get: async (noun, { signal } = {}) =>
      parseObject((await session().send({ kind: 'read', read: 'schema', noun, parameters: {} }, signal)).body),
    put: define('put'),
    patch: define('patch'),
    delete: async (name: string, options?: Given) =>
      (await write('schema.delete', name, { body: '', options: options ?? {} })) as never, // as above
  })
}

/** The server's own description. */
function parseObject(body: unknown): DefinedType {
  if (typeof body === 'object' && body !== null) return body as DefinedType
  throw new HeadlesslyError({ code: 'unexpected_answer', message: 'expected a schema from the server' })
}
