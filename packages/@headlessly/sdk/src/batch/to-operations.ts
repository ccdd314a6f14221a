// The operations of a batch on the wire: requests, in which a reference stands for a part of another result.

import { assert, type Call, type CallOf, type JsonValue, parseJson, type Reference } from 'digital-objects'
import type { PlannedCall } from '../calls/planned-call.ts'
import { withLinks } from '../calls/with-links.ts'

export interface Operation {
  /** Its position in the batch. */
  readonly id: string
  readonly method: 'POST' | 'PATCH' | 'DELETE'
  /** Below the tenant. */
  readonly path: string | OperationReference
  readonly body?: JsonValue
  readonly ifVersion?: number | 'any'
  readonly at?: string
  readonly force?: string
}

interface OperationReference {
  /** The id of an operation. */
  readonly $ref: string
  readonly path: string
}

/** The writes refer only to earlier ones, and to results that have arrived. */
export function toOperations(writes: readonly PlannedCall[]): readonly Operation[] {
  return withLinks(writes).map(({ call }, index) => toOperation(call, index))
}

function toOperation(call: Call, index: number): Operation {
  if (call.kind !== 'write') throw new Error('a batch records writes only')
  const { at, force, ifVersion, references = [], verb } = call
  const intoBody = references.filter(({ into }) => into === 'body')
  const body = verb === 'delete' ? {} : { body: withReferences(call.body, intoBody) }
  return {
    id: String(index),
    method: verb === 'update' ? 'PATCH' : verb === 'delete' ? 'DELETE' : 'POST',
    path: pathOf(
      call,
      references.find(({ into }) => into === 'id'),
    ),
    ...body,
    ...(typeof ifVersion === 'number' || ifVersion === 'any' ? { ifVersion } : {}),
    ...(at === undefined ? {} : { at }),
    ...(force === undefined ? {} : { force }),
  }
}

function pathOf({ noun, verb, id }: CallOf<'write'>, reference: Reference | undefined): Operation['path'] {
  const end = ['create', 'update', 'delete'].includes(verb) ? '' : `/${verb}`
  if (reference !== undefined) {
    const after = end === '' ? '' : `, '${end}'`
    return { $ref: String(reference.call), path: `concat('/${noun}/', ${reference.path.join('.')}${after})` }
  }
  return id === undefined ? `/${noun}${end}` : `/${noun}/${id}${end}`
}

/** Puts references in place of the nulls that stand for them. */
function withReferences(text: string, references: readonly Reference[]): JsonValue {
  const body = parseJson(text === '' ? '{}' : text, (error) => error) as JsonValue // written by `toJsonText`
  for (const { call, path, at } of references) {
    put(body, at, { $ref: String(call), path: path.join('.') })
  }
  return body
}

function put(value: JsonValue, [name = '', ...rest]: readonly string[], placed: JsonValue): void {
  assert(typeof value === 'object' && value !== null, 'a reference is inside an object or a list')
  const inner = value as Record<string, JsonValue> // a list has its indexes as names
  if (rest.length === 0) inner[name] = placed
  else put(inner[name] ?? null, rest, placed)
}
