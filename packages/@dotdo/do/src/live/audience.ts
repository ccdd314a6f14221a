// The subscribers of one pattern with one authority, who all receive the same events.

import { type Authority, type EventPattern, fingerprintOf } from 'digital-objects'

export interface Audience {
  readonly pattern: EventPattern
  /** Absent if all events are visible. */
  readonly authority?: Authority
}

/** Returns equal keys for audiences that receive the same events. */
export function audienceKey({ pattern, authority }: Audience): string {
  return authority === undefined ? pattern.text : `${pattern.text} ${fingerprintOf(authority)}`
}
