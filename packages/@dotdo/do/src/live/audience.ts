// Whom an event is for: those who listen with one pattern and one authority.

import { type Authority, type EventPattern, fingerprintOf } from 'digital-objects'

export interface Audience {
  readonly pattern: EventPattern
  /** Absent when all events are visible. */
  readonly authority?: Authority
}

/** Equal for audiences that get the same. */
export function audienceKey({ pattern, authority }: Audience): string {
  return authority === undefined ? pattern.text : `${pattern.text} ${fingerprintOf(authority)}`
}
