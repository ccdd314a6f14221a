// Puts a part of an earlier call's result into a call that refers to it.

import { type Call, ObjectError, referredPart, type Reference, withReferred } from 'digital-objects'
import type { Answer, Refused } from '../answers/answer.ts'

/** Returns the call with the value, or the refusal with which it is answered. */
export function putReferred(
  call: Call,
  reference: Reference,
  to: { readonly call: Call | undefined; readonly answer: Answer },
): Call | Refused {
  const { answer } = to
  // The call fails with the error of the call that it refers to.
  if (!answer.ok) return answer
  const { body, bookmark } = answer
  const value = referredPart(body === '' ? undefined : JSON.parse(body), reference.path)
  if (value === undefined) return { ok: false, error: missing(to.call, reference).toData(), bookmark }
  try {
    return withReferred(call, reference, value)
  } catch (error) {
    if (error instanceof ObjectError) return { ok: false, error: error.toData(), bookmark }
    throw error
  }
}

function missing(referred: Call | undefined, { path, into, at }: Reference): ObjectError {
  return new ObjectError({
    code: 'invalid_reference',
    field: [into, ...at].join('.'),
    message: `the result of ${nameOf(referred)} has no '${path.join('.')}'`,
  })
}

function nameOf(call: Call | undefined): string {
  if (call === undefined) return 'an earlier call'
  if (call.kind === 'command') return call.command
  return `${call.noun ?? 'the log'}.${call.kind === 'write' ? call.verb : call.read}`
}
