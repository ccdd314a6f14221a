// The subscribers of one selection with one authority, who all receive the same events.

import { type Authority, fingerprintOf, parseEventPattern } from 'digital-objects'
import type { EventSelection } from '../log/event-selection.ts'
import type { LiveQuery } from './live-query.ts'

export interface Audience extends EventSelection {
  /** Absent if all events are visible. */
  readonly authority?: Authority
  /** Set for subscribers of whole commits: each commit is one message, with all its events. */
  readonly takesCommits?: true
  /** Set for subscribers of a live query, who receive its changes in place of events. */
  readonly query?: LiveQuery
}

/** An audience as plain data. */
export interface StoredAudience extends Omit<Audience, 'pattern'> {
  readonly pattern?: string
}

/** Returns equal keys for audiences that receive the same events. */
export function audienceKey({ pattern, actor, entity, authority, takesCommits, query }: Audience): string {
  const who = authority === undefined ? undefined : fingerprintOf(authority)
  return JSON.stringify([pattern?.text, actor, entity, who, takesCommits, query?.noun, query?.filter])
}

export function audienceToData({ pattern, ...others }: Audience): StoredAudience {
  return pattern === undefined ? others : { ...others, pattern: pattern.text }
}

export function dataToAudience({ pattern, ...others }: StoredAudience): Audience {
  return pattern === undefined ? others : { ...others, pattern: parseEventPattern(pattern) }
}
