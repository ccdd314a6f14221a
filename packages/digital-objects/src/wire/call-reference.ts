// Puts a part of one call's result into another call. The server does this for calls of one message, the client for
// results that it already has.

import { parseJson } from '../base/parse-json.ts'
import type { JsonValue } from '../base/entity.ts'
import { ObjectError } from '../base/object-error.ts'
import type { Call, Reference } from './call.ts'

/** Undefined if the result has no such part. */
export function referredPart(body: unknown, path: readonly string[]): JsonValue | undefined {
  let value = body
  for (const name of path) value = isHolder(value) && Object.hasOwn(value, name) ? value[name] : undefined
  return (value as JsonValue | undefined) ?? undefined
}

/** The call with the value at the reference's target. Throws an ObjectError `invalid_reference` if it has no such target. */
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

/** The JSON with the value at an existing path, which the client left empty. */
function withPart(text: string, reference: Pick<Reference, 'into' | 'at'>, value: JsonValue): string {
  const { at } = reference
  const whole = parseJson(text, () => misplaced(reference, 'JSON around it'))
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
