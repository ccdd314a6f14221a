// The read-only part of the log.

import type { EventsStore } from './events-store.ts'

/** Every read may throw ArchivedEvents: fetch those events, then read again. */
export type LogReader = Pick<
  EventsStore,
  | 'head'
  | 'headAtMs'
  | 'at'
  | 'many'
  | 'wholeCommits'
  | 'read'
  | 'heads'
  | 'choose'
  | 'matching'
  | 'endOf'
  | 'commitOf'
  | 'commitEnd'
  | 'commitsOf'
  | 'timestampOf'
  | 'seqAt'
  | 'byId'
  | 'causeOfDeletion'
>
