// A write of a definition: a change of an entity of the system's own Noun `Schema`. It runs in the write lane, on the
// definitions of that time, and answers with the resulting schema.

import { type Change, type IdempotencyKey, type Written } from '@dotdo/do'
import {
  canonicalJson,
  type Catalog,
  defaultSettings,
  type EntityFields,
  type ExpectedVersion,
  type JsonValue,
  type NounDefinition,
  ObjectError,
  schemaNoun,
  type Verb,
} from 'digital-objects'
import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { definitionResponse, orDryRun, ref, type Responses } from '../openapi/components.ts'
import type { Described, Operation } from '../openapi/operation.ts'
import { writeParameters } from '../openapi/parameters.ts'
import { nounToSchemaOutput } from '../openapi/schema-output.ts'
import { changedBy } from './changed-by.ts'
import { checkRedefinition } from './check-redefinition.ts'
import { happenedAt } from './happened.ts'
import { outcomeOf } from './outcome.ts'
import { type Body, parseBody } from './parse-body.ts'
import type { Write, WriteAsked, WriteParts, WriteResult } from './write.ts'

/** Returns the new definition. Throws an ObjectError. */
export type Redefine = (given: {
  readonly name: string
  readonly body: Body
  readonly catalog: Catalog
  /** The stored definition; undefined for a new Noun, and for a built-in one without additions. */
  readonly stored: NounDefinition | undefined
}) => NounDefinition

export interface SchemaWriteDefinition extends Pick<Operation, 'name' | 'about' | 'body'> {
  readonly method: 'PUT' | 'PATCH' | 'DELETE'
  readonly responses: (described: Described) => Responses
  /** Absent for a write that removes the definition. */
  readonly redefine?: Redefine
}

/** The name of the write that creates Nouns. */
export const putName = 'schema.put'

export const definitionBody: NonNullable<Operation['body']> = { isRequired: true, schema: () => ref('Definition') }
export const schemaResponse = orDryRun(definitionResponse('The entity type after the change'), ref('EntityType'))
export const newSchemaResponse = definitionResponse('The new entity type', 'Location')

export function defineSchemaWrite(definition: SchemaWriteDefinition): Write {
  const { name, about, body, method, responses, redefine } = definition
  return {
    kind: 'write',
    name,
    about,
    routes: [{ methods: [method], path: '/schema/{noun}' }],
    listedAs: { tag: 'schema', operationId: name },
    parameters: writeParameters,
    ...(body === undefined ? {} : { body }),
    responses,
    async perform(parts, asked) {
      requireFullAuthority(asked.caller, 'a definition')
      const makeChange = (): Change => toChange(parts, asked, redefine)
      // A refused request must not create the tables of a tenant that was never written to.
      if (!parts.store.isReady)
        makeChange().decide({
          current: undefined,
          nowMs: 0,
          settings: defaultSettings,
          read: () => undefined,
          total: () => 0,
          records: () => [],
        })
      const { tenant, context } = asked.caller
      const write = (): Promise<Written> => parts.store.write(makeChange, { name: tenant, context })
      return toResult(parts, asked, await withIndexes(parts, nextCatalog(parts, asked, redefine), write))
    },
    performIn(commit, parts, asked) {
      requireFullAuthority(asked.caller, 'a definition')
      return toResult(parts, asked, commit.write(toChange(parts, asked, redefine)))
    },
  }
}

/** Creates indexes of big Nouns before the write, one at a time, and drops them if it is refused. */
async function withIndexes(
  { store }: WriteParts,
  next: Catalog | undefined,
  write: () => Promise<Written>,
): Promise<Written> {
  if (next === undefined || !(await store.indexes.prepare(next))) return write()
  try {
    return await write()
  } catch (error) {
    store.indexes.forget(next)
    throw error
  }
}

/** Returns the catalog after the write, as far as it can be told before; undefined if the write will be refused. */
function nextCatalog({ store }: WriteParts, { call }: WriteAsked, redefine: Redefine | undefined): Catalog | undefined {
  if (!store.isReady || redefine === undefined) return undefined
  const { catalog } = store
  const { noun: name } = call
  const stored = catalog.stored(name)?.definition
  try {
    const definition = redefine({ name, body: parseBody(call.body), catalog: catalog.current, stored })
    const others = catalog.current.entries.filter((entry) => entry.name !== name)
    return catalog.preview([...others, { name, definition }])
  } catch (error) {
    if (error instanceof ObjectError) return undefined
    throw error
  }
}

function toChange(parts: WriteParts, { call, caller }: WriteAsked, redefine: Redefine | undefined): Change {
  const { catalog } = parts.store
  const { noun: name, idempotencyKey, ifVersion } = call
  const { who: actor } = caller.authority
  const stored = catalog.stored(name)
  const target = stored?.id
  const kind = redefine === undefined ? 'remove' : stored === undefined ? 'create' : 'change'
  return {
    schema: schemaNoun,
    verb: verbOf(kind),
    kind,
    ...changedBy(caller),
    ...(target === undefined ? {} : { target }),
    ...happenedAt(parts.store, call),
    ...(ifVersion === undefined ? {} : { ifVersion }),
    ...(idempotencyKey === undefined ? {} : { idempotency: { actor, key: idempotencyKey, ...requestOf(call) } }),
    decide: ({ current }): EntityFields => {
      const given = { name, body: parseBody(call.body), catalog: catalog.current, stored: stored?.definition }
      // A body that no definition could have is refused as such, whatever version the caller expects.
      const definition = redefine?.(given)
      if (stored === undefined && ifVersion !== undefined && !isForNew(ifVersion)) throw notStored(name)
      checkRedefinition(parts.store, { name, definition })
      // A definition was parsed from JSON, so it contains only JSON values.
      return definition === undefined ? (current ?? {}) : { name, definition: definition as unknown as JsonValue }
    },
  }
}

function verbOf(kind: 'create' | 'change' | 'remove'): Verb {
  const verb = schemaNoun.verbs[{ create: 'create', change: 'update', remove: 'delete' }[kind]]
  if (verb === undefined) throw new Error('Schema must have every CRUD verb')
  return verb
}

/** Whether the condition holds for a definition that does not exist. */
function isForNew(expected: ExpectedVersion): boolean {
  return typeof expected === 'object' && 'noneOf' in expected
}

function notStored(name: string): ObjectError {
  return new ObjectError({
    code: 'version_conflict',
    field: 'ifVersion',
    message: `ifVersion expects a stored definition, and ${name.slice(0, 64)} has none`,
    detail: { currentVersion: 0 },
  })
}

/** Answers with the schema right after the write, also if this answer repeats that of an earlier request. */
function toResult(
  { store }: WriteParts,
  { call }: WriteAsked,
  { row, kind, isReplay, isUnchanged }: Written,
): WriteResult {
  const schema = kind === 'deleted' ? undefined : store.catalog.at(row.seq).lookup(call.noun)
  return {
    body: schema === undefined ? '' : JSON.stringify({ ...nounToSchemaOutput(schema), definitionVersion: row.version }),
    version: row.version,
    // Additions to an existing Noun create nothing.
    ...(row.version === 1 && call.verb === putName && !isUnchanged ? { createdId: row.target } : {}),
    commit: row.commit,
    ...outcomeOf({ isReplay, isUnchanged }),
  }
}

function requestOf({
  noun,
  verb,
  ifVersion,
  at,
  body,
}: WriteAsked['call']): Pick<IdempotencyKey, 'request' | 'asSent'> {
  const happened = at === undefined ? [] : [at]
  const request = (of: string): string => JSON.stringify([verb, noun, ifVersion ?? null, of, ...happened])
  return { request: request(canonicalJson(parseBody(body))), asSent: request(body) }
}
