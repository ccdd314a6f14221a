// A change from its request to its event: the five steps of the architecture. `performChange` runs inside the lane's
// transaction and does steps 1 to 3, and queues step 4. The tenant's object does steps 4 and 5 after the commit is on disk.

import {
  assert,
  checkClaims,
  checkTransition,
  type Connections,
  describeExpectedVersion,
  type EntityFields,
  eventFormat,
  isExpectedVersion,
  isSameJson,
  resettleState,
  type NounSchema,
  ObjectError,
  parseId,
} from 'digital-objects'
import type { Keys } from '../identity/keys.ts'
import { changesBetween, entityToText } from '../log/entity-text.ts'
import type { EventsStore } from '../log/events-store.ts'
import type { LogRow } from '../log/log-row.ts'
import { textSeqOf } from '../state/full-text.ts'
import { storeCounters, withNumbers } from './assign-numbers.ts'
import type { Change, Written } from './change.ts'
import { checkReferring } from './check-referring.ts'
import { checkRules } from './check-rules.ts'
import type { Consent } from './consent.ts'
import { followSystem } from './follow-system.ts'
import { happenedMs } from './happened-ms.ts'
import type { HandlerDecisions } from './handler-decisions.ts'
import type { AsyncBeforeHandler, BeforeHook } from './hooks.ts'
import { recordsOf } from './effect-records.ts'
import { totalOf } from './effect-total.ts'
import { recordOrigins } from './record-origins.ts'
import { checkUnique, liveReferences } from '../state/integrity.ts'
import { mergedInto } from '../state/merged-into.ts'
import type { NounTable } from '../state/noun-table.ts'
import type { Outbox } from './outbox.ts'
import type { StoredVersion } from '../state/row-codec.ts'
import type { ScheduleRows } from '../state/schedule-rows.ts'
import type { SettingsState } from '../state/settings-state.ts'
import type { StorageHandler } from '../state/storage-handler.ts'
import type { TenantCatalog } from '../state/tenant-catalog.ts'
import { inColumnOrder } from './in-column-order.ts'
import { keepTouches, untouchedFields } from './touched-since.ts'

export interface ChangeParts {
  readonly sql: SqlStorage
  readonly events: EventsStore
  readonly state: StorageHandler
  readonly catalog: TenantCatalog
  readonly settings: SettingsState
  readonly keys: Keys
  readonly schedules: ScheduleRows
  readonly consent: Consent
  readonly outbox: Pick<Outbox<never>, 'put'>
  readonly before: readonly BeforeHook[]
  readonly asyncBefore: readonly AsyncBeforeHandler[]
  /** Names of the services outside of the tenant that verbs may use. */
  readonly connections: Connections
  readonly validate: (schema: NounSchema, fields: EntityFields) => EntityFields
  readonly makeId: (prefix: string, nowMs: number) => string
}

/** The commit to which a change belongs. */
export interface CommitPoint {
  /** The `seq` of its first event. */
  readonly number: number
  /** The timestamp of all its events. */
  readonly nowMs: number
  /** The decisions of asynchronous handlers; absent if they do not apply to it. */
  readonly decisions?: HandlerDecisions
}

/**
 * Limits the JSON of one entity, and so that of an event, which has the entity and up to twice as much in its changes.
 * A limit for the event would refuse changes of entities that could be created.
 */
export const entityCharactersMax = 1_000_000

/** Performs a change. An ObjectError refuses it before anything is written. */
export function performChange(parts: ChangeParts, change: Change, point: CommitPoint): Written {
  const { events, state, keys, outbox } = parts
  const { nowMs } = point
  assert(state.table(change.schema.name)?.schema === change.schema, 'a change is made by the definition in use')

  // The key may have been revoked while the change waited for the lane. Effects belong to a change that was checked.
  if (change.key !== undefined && change.via !== 'effect') keys.admit(change.key, nowMs)

  // 1. BEFORE: read the entity, check preconditions, compute the new fields, and validate, transform or refuse them.
  const seq = events.head + 1
  const table = state.ensureTable(change.schema, seq)
  const previous = readPrevious(parts, table, change)
  const decided = runBefore(parts, { change, previous, point })
  if (decided === undefined || changesNothing(change, previous, decided)) return unchanged(parts, table, previous)
  let fields = decided
  if (change.kind === 'remove') checkRules(change, { previous, fields, read: (id) => readFields(parts, id) })
  else if (change.kind !== 'erase') {
    if (change.undoes === undefined) checkEffect(parts, change, { before: previous?.version.fields, after: fields })
    // The plan of an undo has checked its references: they are those of an earlier state.
    if (change.undoes === undefined)
      fields = liveReferences(parts, table, { fields, previous: previous?.version.fields })
    checkHeld(parts, table, { change, previous, fields })
    if (fields !== decided && changesNothing(change, previous, fields)) return unchanged(parts, table, previous)
  }

  // 2. Append the event to the log. `makeLogRow` refuses one that is too large, before anything is written.
  const numbered = withNumbers(parts, table, { change, fields, nowMs: happenedMs(change, nowMs) })
  const next = nextVersion(parts, { change, table, previous, fields: numbered.fields, seq, nowMs })
  checkGuard(change, previous, next)
  const before = previous?.live === true ? previous.version : undefined
  parts.consent.require(change, { before: before?.fields, next, nowMs })
  const made = previous === undefined ? undefined : changesBetween(loggedBefore(change, previous, next), next.fields)
  const row = makeLogRow(parts, { change, next, changes: made?.changes ?? null, seq, point })
  const isSameDefinition =
    previous !== undefined && change.kind !== 'erase' && previous.seq >= state.inUseSince(change.schema.name)
  events.append(row, isSameDefinition && made !== undefined ? { seq: previous.seq, patch: made.patch } : undefined)
  storeCounters(parts.sql, numbered.counters)
  // 3. Derive the state from the event.
  const kind = change.kind === 'remove' ? 'deleted' : previous?.live === true ? 'changed' : 'created'
  state.apply({ table, kind, next, ...(previous === undefined ? {} : { previous: previous.version }) })
  const after = kind === 'deleted' ? undefined : next
  parts.schedules.follow(change.schema, { before, after, nowMs, isCall: change.schedule !== undefined })
  recordOrigins(parts, change, { before: previous?.version.fields, after: next.fields, row })
  followSystem(parts, change, { kind, row, before: before?.fields, after: after?.fields })

  // 4. AFTER: queue the handlers in the same transaction. (5, the broadcast, follows when the commit is durable.)
  const hasHandlers = outbox.put({ seq, type: row.type, target: row.target, actor: row.actor })
  return { row, kind, isReplay: false, isUnchanged: false, hasHandlers }
}

/** The fields from which the event has its differences. An erasure has none: they would be the erased values. */
function loggedBefore({ kind }: Change, { version }: Previous, next: StoredVersion): EntityFields {
  return kind === 'erase' ? next.fields : version.fields
}

/** Refuses fields that break a rule of amounts, of entities that refer to this one, or of unique values. */
function checkHeld(
  parts: ChangeParts,
  table: NounTable,
  { change, previous, fields }: { change: Change; previous: Previous | undefined; fields: EntityFields },
): void {
  const { schema, target: id = '', guard } = change
  const read = (other: string): EntityFields | undefined => readFields(parts, other)
  const before = previous?.live === true ? previous.version.fields : undefined
  checkRules(change, { previous, fields, read })
  if (before !== undefined)
    checkReferring(parts, { schema, id, before, after: fields, read, isConcealed: guard !== undefined })
  checkUnique(parts.state, table, { id, fields, previous: before, isHolderNamed: guard === undefined })
}

/** Refuses a change that its caller may not make. */
function checkGuard({ kind, guard }: Change, previous: Previous | undefined, next: StoredVersion): void {
  if (guard === undefined) return
  const before = previous?.live === true ? previous.version.fields : undefined
  if (kind !== 'remove') guard.checkWritable(next)
  guard.checkGrants({ id: next.id, before, after: kind === 'remove' ? undefined : next.fields })
}

/** Refuses a change that the state does not allow, or that claims what no connection can do. */
function checkEffect(
  { connections }: ChangeParts,
  { schema, verb, kind, force, input = {} }: Change,
  { before, after }: { readonly before: EntityFields | undefined; readonly after: EntityFields },
): void {
  if (force === undefined) checkTransition(schema, { verb: verb.name, isRollback: kind === 'restore', before, after })
  if (kind !== 'restore') checkClaims({ schema, verb, input, before, after }, connections)
}

/** An update or a rollback to the fields that the entity has. A custom verb says itself when its work is done. */
function changesNothing({ kind, verb }: Change, previous: Previous | undefined, fields: EntityFields): boolean {
  if (previous === undefined || !previous.live || verb.category !== 'crud') return false
  return (kind === 'change' || kind === 'restore') && isSameJson(previous.version.fields, fields)
}

/** Answers with the entity as it is and its last event, whose text is made from the state, since it may be archived. */
function unchanged({ events }: ChangeParts, { schema }: NounTable, previous: Previous | undefined): Written {
  assert(previous !== undefined, 'only an existing entity can be left unchanged')
  const { version } = previous
  const [row] = events.read({ after: version.seq - 1, limit: 1, isHeadOnly: true }).rows
  assert(row?.seq === version.seq, "the log has the entity's last event")
  const written = { ...row, data: versionToText(schema.name, version) }
  return { row: written, kind: 'changed', isReplay: false, isUnchanged: true, hasHandlers: false }
}

interface Previous {
  readonly version: StoredVersion
  /** False if the entity was deleted. */
  readonly live: boolean
  /** The `$version` after its last event. A deletion increments it too. */
  readonly lastVersion: number
  /** Its last event. */
  readonly seq: number
  /** The fields for which the change was made, if the entity has been touched since. */
  readonly expected?: EntityFields
}

function readPrevious(parts: ChangeParts, table: NounTable, change: Change): Previous | undefined {
  if (change.target === undefined) return undefined
  const { state } = parts
  const version = state.getToChange(table, change.target)
  const previous =
    version === undefined ? undefined : { version, live: true, lastVersion: version.version, seq: version.seq }
  const found = previous ?? (change.kind === 'restore' ? readDeleted(state, table, change.target) : undefined)
  if (found === undefined || change.guard?.isVisible(found.version) === false) throw missing(parts, change)
  change.guard?.checkWritable(found.version)
  if (change.ifVersion === undefined || isExpectedVersion(change.ifVersion, found.lastVersion)) return found
  const expected = found.live
    ? untouchedFields(parts, table, { current: found.version, expected: change.ifVersion })
    : undefined
  if (expected === undefined) throw versionConflict(change, found)
  return { ...found, expected }
}

/** A guarded caller does not learn that the entity existed. */
function missing(parts: ChangeParts, { schema, target = '', guard }: Change): ObjectError {
  const into = guard === undefined ? mergedInto(parts, schema, target) : undefined
  return new ObjectError({
    code: 'not_found',
    message: `no ${schema.name} '${target}'${into === undefined ? '' : `: it was merged into '${into}'`}`,
    detail: { entityType: schema.name, id: target, ...(into === undefined ? {} : { mergedInto: into }) },
  })
}

function versionConflict({ ifVersion = 'any', target = '' }: Change, { lastVersion }: Previous): ObjectError {
  return new ObjectError({
    code: 'version_conflict',
    field: 'ifVersion',
    message: `expected ${describeExpectedVersion(ifVersion)} of '${target}', which is at ${lastVersion}`,
    detail: { currentVersion: lastVersion },
  })
}

function readDeleted(state: StorageHandler, table: NounTable, id: string): Previous | undefined {
  const deleted = state.getDeleted(table, id)
  if (deleted === undefined) return undefined
  const { version, deletedSeq } = deleted
  return { version, live: false, lastVersion: version.version + 1, seq: deletedSeq }
}

interface ToDecide {
  readonly change: Change
  readonly previous: Previous | undefined
  readonly point: CommitPoint
}

function decide(parts: ChangeParts, { change, previous, point: { nowMs } }: ToDecide): EntityFields | undefined {
  const current = previous?.version.fields
  const { current: settings } = parts.settings
  return change.decide({
    current,
    nowMs: happenedMs(change, nowMs),
    ...(previous === undefined ? {} : { createdAtMs: previous.version.createdAtMs }),
    settings,
    read: (id) => readFields(parts, id),
    total: (query) => totalOf(parts, query),
    records: (query) => recordsOf(parts, query),
    ...(change.target === undefined ? {} : { id: change.target }),
    isForced: change.force !== undefined,
  })
}

/** Returns the fields of the live entity with this id, whatever its Noun. */
function readFields({ catalog, state }: ChangeParts, id: string): EntityFields | undefined {
  const prefix = parseId(id)?.prefix
  const schema = catalog.current.nouns.find(({ idPrefix }) => idPrefix === prefix)
  return schema === undefined || !state.hasTable(schema.name) ? undefined : state.get(state.tableOf(schema), id)?.fields
}

function runBefore(parts: ChangeParts, toDecide: ToDecide): EntityFields | undefined {
  const { change, previous } = toDecide
  const current = previous?.version.fields
  let fields = decide(parts, toDecide)
  if (fields === undefined) return undefined
  if (previous?.expected !== undefined) {
    const kept = keepTouches(previous.expected, previous.version.fields, fields)
    if (kept === undefined) throw versionConflict(change, previous)
    fields = kept
  }
  if (change.kind === 'erase') return fields
  fields = runAsyncBefore(parts, toDecide, fields)
  for (const hook of parts.before) {
    if (!hook.applies(change.schema.name, change.verb.name)) continue
    const read = (noun: string, id: string): EntityFields | undefined => {
      const table = parts.state.table(noun)
      return table && parts.state.get(table, id)?.fields
    }
    const result = hook.run(fields, {
      schema: change.schema,
      verb: change.verb.name,
      ...(current === undefined ? {} : { previous: current }),
      actor: change.actor,
      read,
      // An effect follows from a change that was checked.
      ...(change.guard === undefined || change.via === 'effect' ? {} : { sees: change.guard.sees }),
    })
    // A hook may refuse an undo, which otherwise restores exactly what was there.
    if (result !== undefined && change.undoes === undefined)
      fields = settled(toDecide, parts.validate(change.schema, result))
  }
  return fields
}

/** Returns the fields that asynchronous handlers have given. Throws their refusal, or Undecided. */
function runAsyncBefore(parts: ChangeParts, toDecide: ToDecide, fields: EntityFields): EntityFields {
  const { change, previous, point } = toDecide
  const handlers = parts.asyncBefore.filter(({ applies }) => applies(change.schema.name, change.verb.name))
  if (!point.decisions || handlers.length === 0 || changesNothing(change, previous, fields)) return fields
  const of = { change, current: previous?.version.fields, fields, handlers, point }
  const given = point.decisions.take(of, parts.events.head)
  // They may refuse, like any hook, an undo, which otherwise restores exactly what was there.
  return change.undoes !== undefined || isSameJson(given, fields) ? fields : settled(toDecide, given)
}

function settled({ change, previous, point: { nowMs } }: ToDecide, after: EntityFields): EntityFields {
  const { schema, verb, kind } = change
  if (kind === 'remove' || kind === 'restore' || kind === 'erase') return after
  return resettleState({ schema, verb, before: previous?.version.fields, after, nowMs: happenedMs(change, nowMs) })
}

function nextVersion(
  parts: ChangeParts,
  options: {
    change: Change
    table: NounTable
    previous: Previous | undefined
    fields: EntityFields
    seq: number
    nowMs: number
  },
): StoredVersion {
  const { change, table, previous, fields, seq, nowMs } = options
  const before = previous?.version
  return {
    id: change.target ?? change.newId ?? parts.makeId(change.schema.idPrefix, nowMs),
    version: previous === undefined ? 1 : previous.lastVersion + 1,
    createdAtMs: before?.createdAtMs ?? nowMs,
    createdBy: before?.createdBy ?? change.actor,
    updatedAtMs: nowMs,
    seq,
    textSeq: textSeqOf(change.schema, { fields, seq }, before),
    fields: inColumnOrder(table, fields),
  }
}

function makeLogRow(
  parts: ChangeParts,
  options: { change: Change; next: StoredVersion; changes: string | null; seq: number; point: CommitPoint },
): LogRow {
  const { change, next, changes, seq, point } = options
  const { nowMs } = point
  const effectiveMs = happenedMs(change, nowMs)
  const data = versionToText(change.schema.name, next)
  if (data.length > entityCharactersMax) {
    throw new ObjectError({
      code: 'payload_too_large',
      message: `an entity has at most ${entityCharactersMax} characters, got ${data.length}`,
    })
  }
  return {
    seq,
    commit: point.number,
    format: eventFormat,
    id: parts.makeId('evt', nowMs),
    type: `${change.schema.name}.${change.verb.event}`,
    target: next.id,
    version: next.version,
    atMs: nowMs,
    actor: change.actor,
    onBehalfOf: change.onBehalfOf ?? null,
    key: change.key ?? null,
    via: change.via,
    causedBy: change.causedBy ?? null,
    undoes: change.undoes ?? null,
    approvedBy: change.approvedBy ?? null,
    reason: change.force ?? null,
    effectiveMs: effectiveMs === nowMs ? null : effectiveMs,
    noun: change.schema.version,
    data,
    changes,
  }
}

/** Returns the entity as JSON without `$context`, which the log, the answer and the broadcast share. */
export function versionToText(noun: string, version: StoredVersion): string {
  const { id, createdAtMs, createdBy, updatedAtMs, fields } = version
  const createdAt = new Date(createdAtMs).toISOString()
  const updatedAt = updatedAtMs === createdAtMs ? createdAt : new Date(updatedAtMs).toISOString()
  return entityToText({ noun, id, version: version.version, createdAt, createdBy, updatedAt }, fields)
}
