// A requested change of one entity, and its result.

import type {
  CallerKind,
  EntityFields,
  ExpectedVersion,
  JsonValue,
  NounSchema,
  ReadRecords,
  TenantSettings,
  TotalQuery,
  Verb,
  Via,
} from 'digital-objects'
import type { LogRow } from '../log/log-row.ts'
import type { StoredVersion } from '../state/row-codec.ts'
import type { ScheduledCall } from '../state/schedule-rows.ts'
import type { StateChange } from '../state/state-change.ts'
import type { IdempotencyKey } from './idempotency.ts'

/** A requested change. */
export interface Change {
  readonly schema: NounSchema
  readonly verb: Verb
  /**
   * `remove` deletes the entity. Without a `target`, the change creates one. `erase` only removes values, which no rule or hook
   * refuses, and its event does not have what they were.
   */
  readonly kind: 'create' | 'change' | 'remove' | 'restore' | 'erase'
  readonly target?: string
  /** The id of the created entity, if it was promised before. It must be new. By default the write path makes one. */
  readonly newId?: string
  readonly ifVersion?: ExpectedVersion
  readonly idempotency?: IdempotencyKey
  readonly actor: string
  readonly onBehalfOf?: string
  /** The id of the key with which the actor calls. It must be valid when the change is made. */
  readonly key?: string
  readonly via: Via
  /** The kind of caller, for rules of approval; absent for the server's own work. An effect has that of its cause. */
  readonly caller?: CallerKind
  /** The origin of its texts, if strangers wrote them. An effect has that of its cause. */
  readonly origin?: string
  readonly causedBy?: string
  /**
   * The commit whose changes this change takes back. Its plan has checked references and irreversible transitions, so the
   * change restores an earlier state also where today's transitions and hooks would not lead to it.
   */
  readonly undoes?: number
  /**
   * The time at which it happened, by which its values and effects are decided. A later one than the commit's counts as
   * that; by default it is that.
   */
  readonly atMs?: number
  /** The person who approved the plan of the change. */
  readonly approvedBy?: string
  /** The reason for which an administrator forces the change past the table of transitions and frozen fields. */
  readonly force?: string
  /**
   * Returns the valid fields after the change, or undefined if its work is already done. Throws an ObjectError to refuse it.
   * Must not await or write.
   */
  readonly decide: (context: DecideContext) => EntityFields | undefined
  /** The caller's arguments, which effects on other entities read. */
  readonly input?: Readonly<Record<string, JsonValue>>
  /** True for a deletion whose consequences for other entities are performed by its cause. */
  readonly isRuled?: boolean
  /** The call of a schedule that this change is. */
  readonly schedule?: ScheduledCall
  /** SHA-256 of the secret that the created entity is proved by. */
  readonly secretHash?: string
  /** The caller's authority. Absent if the caller may see and write everything. */
  readonly guard?: WriteGuard
}

/** Enforces the caller's authority on a change, inside the lane. */
export interface WriteGuard {
  /** Whether the entity is visible to the caller before the change. */
  readonly isVisible: (version: StoredVersion) => boolean
  /** Whether an entity of any Noun exists and is visible to the caller. */
  readonly sees: (id: string) => boolean
  /** Throws an ObjectError `forbidden` if the caller may not write the entity. Called with its states before and after. */
  readonly checkWritable: (version: StoredVersion) => void
  /**
   * Throws an ObjectError `forbidden` if the change gives rights, or directs work that has more rights than the caller. `after` is
   * undefined for a deletion.
   */
  readonly checkGrants: (change: {
    readonly id: string
    readonly before: EntityFields | undefined
    readonly after: EntityFields | undefined
  }) => void
}

export interface DecideContext {
  /** The current fields; undefined for a creation. */
  readonly current: EntityFields | undefined
  /** The time at which the change happens, or happened. */
  readonly nowMs: number
  /** The time at which the entity was created; undefined for a creation. */
  readonly createdAtMs?: number
  /** The tenant's settings of now. */
  readonly settings: TenantSettings
  /** True if an administrator forces the change. */
  readonly isForced?: boolean
  /** Returns the fields of another live entity, for effects that read it. */
  readonly read: (id: string) => EntityFields | undefined
  /** Counts or sums the entities that a filter chooses, for effects. Throws an ObjectError. */
  readonly total: (query: TotalQuery) => number
  /** Returns the live entities that refer to one. */
  readonly records: ReadRecords
  /** The id of the entity; undefined for a creation. */
  readonly id?: string
}

/** The result of a write. */
export interface Written {
  readonly row: LogRow
  readonly kind: StateChange['kind']
  /** True if an earlier request with the same key made the change. */
  readonly isReplay: boolean
  /** True if there was nothing to change: `row` is then the entity's last event. */
  readonly isUnchanged: boolean
  readonly hasHandlers: boolean
}
