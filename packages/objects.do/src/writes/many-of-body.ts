// A list as the body of a creation, which stands for many creations.

import type { CallOf } from 'digital-objects'

/** Returns `createMany` for a list that is posted to `/{Noun}`, and any other call as it is. */
export function withManyOfBody(call: CallOf<'write'>): CallOf<'write'> {
  if (call.verb !== 'create' || call.id !== undefined || !/^\s*\[/.test(call.body)) return call
  return { ...call, verb: 'createMany', body: `{"entities":${call.body}}` }
}
