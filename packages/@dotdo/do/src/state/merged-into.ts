// The tombstone of a merged entity: its deletion was caused by the verb that merged it into another one. So the log says where
// the entity went, without a record of its own, and an undo of the merge takes the tombstone back.

import { mergeArgument, type NounSchema } from 'digital-objects'
import type { EventsStore } from '../log/events-store.ts'
import type { StateReader } from './state-reader.ts'

/** Limits the merges that one id is followed through. */
const mergesMax = 100

export interface MergeLookup {
  readonly state: Pick<StateReader, 'exists' | 'getDeleted' | 'tableOf'>
  readonly events: Pick<EventsStore, 'causeOfDeletion'>
}

/** Returns the live entity into which a deleted one was merged; undefined if there is none. */
export function mergedInto({ state, events }: MergeLookup, schema: NounSchema, id: string): string | undefined {
  const verbs = Object.values(schema.verbs).filter((verb) => mergeArgument(verb) !== undefined)
  if (verbs.length === 0) return undefined
  const types = verbs.map(({ event }) => `${schema.name}.${event}`)
  const table = state.tableOf(schema)
  let at = id
  for (let merges = 0; merges < mergesMax; merges++) {
    if (state.exists(table, at)) return at === id ? undefined : at
    const deleted = state.getDeleted(table, at)
    const cause = deleted === undefined ? undefined : events.causeOfDeletion(deleted.deletedSeq)
    if (cause === undefined || !types.includes(cause.type)) return undefined
    at = cause.target
  }
  return undefined
}
