// Refuses a call for which the server would refuse its whole message, before it is sent together with other calls.

import {
  bodyCharactersMax,
  type Call,
  idempotencyKeyRule,
  isIdempotencyKey,
  type Reference,
  referencePathMax,
  referencesMax,
} from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'

/** Throws a HeadlesslyError that names the field. */
export function checkCall(call: Call, links: readonly Omit<Reference, 'call'>[]): void {
  if (links.length > referencesMax)
    throw invalid('body', `at most ${referencesMax} pending values, got ${links.length}`)
  const deep = links.find(({ path, at }) => Math.max(path.length, at.length) > referencePathMax)
  if (deep !== undefined)
    throw invalid([deep.into, ...deep.at].join('.').slice(0, 64), `at most ${referencePathMax} names in a path`)
  if (call.kind !== 'write') return
  const { body, ifVersion, idempotencyKey } = call
  if (ifVersion !== undefined && ifVersion !== 'any' && !Number.isSafeInteger(ifVersion))
    throw invalid('ifVersion', `a whole number, got ${String(ifVersion).slice(0, 64)}`)
  if (!isIdempotencyKey(idempotencyKey)) throw invalid('idempotencyKey', idempotencyKeyRule)
  if (body.length <= bodyCharactersMax) return
  const message = `${call.noun}.${call.verb}: a body holds at most ${bodyCharactersMax} characters, got ${body.length}`
  throw new HeadlesslyError({ code: 'payload_too_large', field: 'body', message })
}

function invalid(field: string, expected: string): HeadlesslyError {
  return new HeadlesslyError({ code: 'invalid_body', field, message: `${field} expects ${expected}` })
}
