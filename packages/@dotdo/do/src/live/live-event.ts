// An event that is ready to be sent, and the commit that it belongs to.

import type { EventHead } from '../log/event-heads.ts'

export interface LiveEvent extends EventHead {
  readonly actor: string
  readonly atMs: number
  /** The event as JSON, made once for all receivers. */
  readonly text: string
}

/** Events of one commit, in order; not necessarily all of them. */
export type CommitEvents = readonly [LiveEvent, ...LiveEvent[]]

/** Groups events, which come in order, by their commits. */
export function commitsOf<Head extends EventHead>(events: readonly Head[]): readonly (readonly [Head, ...Head[]])[] {
  const commits: [Head, ...Head[]][] = []
  for (const event of events) {
    const last = commits.at(-1)
    if (last?.[0].commit === event.commit) last.push(event)
    else commits.push([event])
  }
  return commits
}

/** Returns the start of a commit's JSON, up to its events; `commitTail` follows them. `end` is the commit's last `seq`. */
export function commitHead({ commit, atMs, actor }: LiveEvent, end: number): string {
  const timestamp = new Date(atMs).toISOString()
  return `{"$type":"Commit","commit":${commit},"seq":${end},"timestamp":"${timestamp}","actor":${JSON.stringify(actor)},"events":[`
}

export const commitTail = ']}'
