// What the server would refuse a whole message for is refused here, before it travels with calls that can do nothing for it.

import {
  bodyCharactersMax,
  keyCharactersMax,
  type Reference,
  referencePathMax,
  referencesMax,
  type RemoteCall,
} from 'digital-objects'
import { HeadlesslyError } from './headlessly-error.ts'

/** Throws a HeadlesslyError that names the field. */
export function checkCall(call: RemoteCall, links: readonly Omit<Reference, 'call'>[]): void {
  if (links.length > referencesMax)
    throw invalid('body', `at most ${referencesMax} values that have not come yet, got ${links.length}`)
  const deep = links.find(({ path, at }) => Math.max(path.length, at.length) > referencePathMax)
  if (deep !== undefined)
    throw invalid([deep.into, ...deep.at].join('.').slice(0, 64), `at most ${referencePathMax} names in a path`)
  if (call.kind !== 'write') return
  const { body, ifVersion, idempotencyKey: key = '' } = call
  if (ifVersion !== undefined && !Number.isSafeInteger(ifVersion))
    throw invalid('ifVersion', `a whole number, got ${String(ifVersion).slice(0, 64)}`)
  if (typeof key !== 'string' || key.length < 1 || key.length > keyCharactersMax)
    throw invalid('idempotencyKey', `a text of 1 to ${keyCharactersMax} characters`)
  if (body.length <= bodyCharactersMax) return
  const message = `${call.noun}.${call.verb}: a body holds at most ${bodyCharactersMax} characters, got ${body.length}`
  throw new HeadlesslyError({ code: 'payload_too_large', field: 'body', message })
}

function invalid(field: string, expected: string): HeadlesslyError {
  return new HeadlesslyError({ code: 'invalid_body', field, message: `${field} expects ${expected}` })
}
