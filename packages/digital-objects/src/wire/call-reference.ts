// Puts a part of one call's result into another call. The server does this for calls of one message, the client for
// results that it already has.

import { parseJson } from '../base/parse-json.ts'
import type { JsonValue } from '../base/entity.ts'
import { ObjectError } from '../base/object-error.ts'
import type { Call, Reference } from './call.ts'

/** Returns undefined if the result has no such part. */
export function referredPart(body: unknown, path: readonly string[]): JsonValue | undefined {
  let value = body
  for (const name of path) value = isHolder(value) && Object.hasOwn(value, name) ? value[name] : undefined
  return (value as JsonValue | undefined) ?? undefined
}

/** Returns the call with the value inserted. Throws an ObjectError `invalid_reference` if the target does not exist. */
export function withReferred(call: Call, reference: Pick<Reference, 'into' | 'at'>, value: JsonValue): Call {
  const { into, at } = reference
  if (into === 'id' && 'id' in call) {
    if (typeof value === 'string') return { ...call, id: value }
    throw misplaced(reference, `the id of an entity, got ${JSON.stringify(value).slice(0, 64)}`)
  }
  if (into === 'body' && call.kind === 'write') return { ...call, body: withPart(call.body, reference, value) }
  if (into === 'filter' && (call.kind === 'read' || call.kind === 'pipeline')) {
    const filter = withPart(call.parameters['filter'] ?? '{}', reference, value)
    return { ...call, parameters: { ...call.parameters, filter } }
  }
  throw misplaced(reference, `a call with such a target, got a ${call.kind} for '${[into, ...at].join('.')}'`)
}

/** Returns the JSON with the value inserted at a path that must exist. The client sends an empty value there. */
function withPart(json: string, reference: Pick<Reference, 'into' | 'at'>, value: JsonValue): string {
  const { at } = reference
  const whole = parseJson(json, () => misplaced(reference, 'JSON around it'))
  const last = at.at(-1)
  const holder: unknown = referredPart(whole, at.slice(0, -1))
  if (last === undefined || !isHolder(holder) || !Object.hasOwn(holder, last))
    throw misplaced(reference, 'a target that exists')
  holder[last] = value
  return JSON.stringify(whole)
}

function isHolder(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function misplaced({ into, at }: Pick<Reference, 'into' | 'at'>, expected: string): ObjectError {
  const field = [into, ...at].join('.')
  return new ObjectError({ code: 'invalid_reference', field, message: `a reference expects ${expected}` })
}
