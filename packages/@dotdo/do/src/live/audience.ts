// The subscribers of one selection with one authority, who all receive the same events.

import { type Authority, fingerprintOf, parseEventPattern } from 'digital-objects'
import type { EventSelection } from '../log/event-selection.ts'

export interface Audience extends EventSelection {
  /** Absent if all events are visible. */
  readonly authority?: Authority
  /** Set for subscribers of whole commits: each commit is one message, with all its events. */
  readonly takesCommits?: true
}

/** An audience as plain data. */
export interface StoredAudience extends Omit<Audience, 'pattern'> {
  readonly pattern?: string
}

/** Returns equal keys for audiences that receive the same events. */
export function audienceKey({ pattern, actor, entity, authority, takesCommits }: Audience): string {
  const who = authority === undefined ? undefined : fingerprintOf(authority)
  return JSON.stringify([pattern?.text, actor, entity, who, takesCommits])
}

export function audienceToData({ pattern, ...others }: Audience): StoredAudience {
  return pattern === undefined ? others : { ...others, pattern: pattern.text }
}

export function dataToAudience({ pattern, ...others }: StoredAudience): Audience {
  return pattern === undefined ? others : { ...others, pattern: parseEventPattern(pattern) }
}
