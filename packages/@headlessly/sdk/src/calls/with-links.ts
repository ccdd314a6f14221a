// The wire format of planned calls: a reference becomes a position in the message, or the value itself if it has
// arrived.

import { type Call, ObjectError, referredPart, type Reference, withReferred } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Link, PlannedCall } from './planned-call.ts'

export interface Sending {
  readonly planned: PlannedCall
  readonly call: Call
}

/** Fails calls that can no longer be sent, because the call they refer to failed or has no such part. */
export function withLinks(calls: readonly PlannedCall[]): readonly Sending[] {
  const places = new Map<PlannedCall, number>()
  const sending: Sending[] = []
  for (const planned of calls) {
    if (planned.settled !== undefined) continue
    try {
      sending.push({ planned, call: withPlaces(planned, places) })
      places.set(planned, places.size)
    } catch (error) {
      planned.fail(error instanceof ObjectError ? new HeadlesslyError(error.toData()) : error)
    }
  }
  return sending
}

function withPlaces(planned: PlannedCall, places: ReadonlyMap<PlannedCall, number>): Call {
  const references: Reference[] = []
  let { call } = planned
  for (const link of planned.links) {
    const { to, ...rest } = link
    const place = places.get(to)
    if (place !== undefined) references.push({ ...rest, call: place })
    else call = withValue(call, link)
  }
  return {
    ...call,
    ...(references.length === 0 ? {} : { references }),
    ...(planned.isAsked ? {} : { isSilent: true as const }),
  }
}

function withValue(call: Call, link: Link): Call {
  const { settled } = link.to
  if (settled !== undefined && 'error' in settled) throw settled.error
  const value = referredPart(settled?.answer.body, link.path)
  if (value !== undefined) return withReferred(call, link, value)
  const message = `the result that a call refers to has no '${link.path.join('.')}'`
  throw new HeadlesslyError({ code: 'invalid_reference', field: [link.into, ...link.at].join('.'), message })
}
