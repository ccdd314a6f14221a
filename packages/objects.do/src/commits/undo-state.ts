// The tenant as the plan of an undo asks about it: what its entities are now, and what happened to them since.

import type { EntityFields, NounSchema } from 'digital-objects'
import type { EntityKey } from './undone-event.ts'

export interface PresentEntity {
  /** The fields afterwards; undefined if the entity is deleted. */
  readonly fields: EntityFields | undefined
  /** The `$version` after the entity's last event. */
  readonly lastVersion: number
}

/** The events between two events, without either. */
export interface Gap {
  readonly after: number
  readonly before: number
}

export interface LaterEvent {
  readonly seq: number
  readonly commit: number
  /** The commit that it takes back. */
  readonly undoes: number | null
}

export interface Referrer extends EntityKey {
  readonly field: string
  /** The id of the entity to which it refers. */
  readonly to: string
}

export interface UndoState {
  /** Returns the Noun as it is defined now. */
  schema(noun: string): NounSchema | undefined
  /** Returns undefined for an entity that never existed, and for one whose Noun has no definition now. */
  present(key: EntityKey): PresentEntity | undefined
  /** Returns the entity's fields after an event of the tenant; undefined if it did not exist then. */
  fieldsAt(key: EntityKey, seq: number): EntityFields | undefined
  /** Returns those of the fields that had another value in a version of the entity that an event of the gap made. */
  touched(key: EntityKey, gap: Gap, values: readonly FieldValue[]): readonly string[]
  /** Returns the entity's events in the gap, oldest first; only the last one if there are too many. */
  laterEvents(key: EntityKey, gap: Gap): { readonly events: readonly LaterEvent[]; readonly isCut: boolean }
  /** Returns those of these events that a handler delivered to the world outside. */
  deliveries(seqs: readonly number[]): readonly { readonly seq: number; readonly handler: string }[]
  /** Returns the event up to which each of these entities was erased; those that were not are missing. */
  erased(ids: readonly string[]): ReadonlyMap<string, number>
  /** Returns the live entities that refer to these, other than those of `except`; not all of them if there are very many. */
  referrers(
    keys: readonly EntityKey[],
    except: readonly string[],
  ): { readonly referrers: readonly Referrer[]; readonly isCut: boolean }
}

/** A field and its value, undefined for none. */
export type FieldValue = readonly [name: string, value: EntityFields[string] | undefined]
