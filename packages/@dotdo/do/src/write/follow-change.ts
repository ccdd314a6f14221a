// The effects of a change on other entities, in the same commit: each plan of `followingChanges` is performed change by change,
// and the effects of those changes follow in turn.

import {
  decideChange,
  type EffectReader,
  effectLevelsMax,
  type EntityFields,
  type FollowingChange,
  followingChanges,
  type JsonValue,
  keepToState,
  mayBeFollowed,
  mergeArgument,
  mergedFields,
  mergeSources,
  ObjectError,
  strangersOrigin,
  tooDeep,
  verbArguments,
} from 'digital-objects'
import { recordsOf } from './effect-records.ts'
import { findByValues } from '../state/find-by-values.ts'
import { referringIds } from '../state/referring.ts'
import type { Change, Written } from './change.ts'
import { happenedMs } from './happened-ms.ts'
import type { ChangeParts } from './perform-change.ts'

export interface FollowParts extends Pick<ChangeParts, 'catalog' | 'state' | 'sql' | 'settings'> {
  /** Performs one change of the commit, and counts it. */
  readonly perform: (change: Change) => Written
  readonly nowMs: number
}

interface Cause {
  readonly change: Change
  readonly written: Written
  /** The fields of its entity before it; absent if it created the entity. */
  readonly before: EntityFields | undefined
  /** The verb whose effect it is, such as `Payment.capture`; absent for the change that the caller asked for. */
  readonly by?: string
  /** The level of the cause: 0 for the change that the caller asked for. */
  readonly level: number
  /** The verbs and entities from the caller's change down to the cause. */
  readonly chain: readonly string[]
}

/** Whether changes may follow from this one. Undo and rollback restore what effects did, so nothing follows from them. */
export function isFollowed({ catalog }: Pick<ChangeParts, 'catalog'>, change: Change): boolean {
  if (change.undoes !== undefined || change.kind === 'restore' || change.kind === 'erase') return false
  return mayBeFollowed(change.schema, change.verb, catalog.current.nouns)
}

/** Performs a change and all that follows from it. An ObjectError refuses all of it, and the caller rolls it back. */
export function performFollowed(parts: FollowParts, asked: Change): Written {
  const change = withMerge(parts, asked)
  const before = fieldsBefore(parts, change)
  const written = parts.perform(change)
  if (written.isUnchanged || !isFollowed(parts, change)) return written
  try {
    follow(parts, { change, written, before, level: 0, chain: [linkOf(change.verb.name, written.row.target)] })
  } catch (error) {
    throw change.guard === undefined ? error : concealed(error, change)
  }
  return written
}

/** The refusal of an effect may name entities and fields that a guarded caller must not know. */
function concealed(error: unknown, { schema, verb }: Change): unknown {
  if (!(error instanceof ObjectError)) return error
  const message =
    verb.name === 'delete'
      ? `this ${schema.name} cannot be deleted: other entities refer to it`
      : `${schema.name}.${verb.name}: its effect on another entity was refused`
  return new ObjectError({ code: error.code, message })
}

function follow(parts: FollowParts, cause: Cause): void {
  const { catalog } = parts
  const { nouns, lookup } = catalog.current
  const { change, written, level, chain } = cause
  const { schema, verb } = change
  const reader = readerOf(parts)
  const made = {
    schema,
    verb,
    id: written.row.target,
    after: fieldsOf(written),
    ...(cause.before === undefined ? {} : { before: cause.before }),
    ...(cause.by === undefined ? {} : { cause: cause.by }),
    settings: parts.settings.current,
    input: verb.category === 'custom' ? verbArguments(schema, verb, change.input ?? {}) : (change.input ?? {}),
    nowMs: happenedMs(change, parts.nowMs),
    isRuled: change.isRuled === true,
  }
  const plan = followingChanges(made, { nouns, lookup, reader })
  for (let next = plan.next(); next.done !== true;) {
    const following = next.value
    const link = linkOf(following.verb.name, following.target ?? following.schema.name)
    const isGone = following.target !== undefined && reader.get(following.schema, following.target) === undefined
    // A verb that runs on the entity already, further up, does not run again: cycles end.
    if (isGone || chain.includes(link)) {
      next = plan.next(following.target ?? '')
      continue
    }
    const nextLevel = level + following.level
    if (nextLevel > effectLevelsMax) throw tooDeep(following.schema, following.verb.name)
    const effect = withMerge(parts, toChange(cause, following))
    const before = fieldsBefore(parts, effect)
    const done = parts.perform(effect)
    const by = `${schema.name}.${verb.name}`
    if (!done.isUnchanged && isFollowed(parts, effect))
      follow(parts, { change: effect, written: done, before, by, level: nextLevel, chain: [...chain, link] })
    next = plan.next(done.row.target)
  }
}

function fieldsBefore(parts: FollowParts, { schema, target }: Change): EntityFields | undefined {
  return target === undefined ? undefined : readerOf(parts).get(schema, target)
}

function linkOf(verb: string, target: string): string {
  return `${verb} ${target}`
}

/** Effects run with the authority of the verb: without a guard. */
function toChange({ change, written }: Cause, { schema, verb, target, input, isRuled }: FollowingChange): Change {
  const { actor, onBehalfOf, key, caller, approvedBy, atMs } = change
  const origin = change.origin ?? strangersOrigin(change.verb, fieldsOf(written))
  return {
    schema,
    verb,
    kind: target === undefined ? 'create' : verb.name === 'delete' ? 'remove' : 'change',
    ...(target === undefined ? {} : { target }),
    actor,
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    ...(key === undefined ? {} : { key }),
    ...(caller === undefined ? {} : { caller }),
    ...(origin === undefined ? {} : { origin }),
    ...(approvedBy === undefined ? {} : { approvedBy }),
    ...(atMs === undefined ? {} : { atMs }),
    via: 'effect',
    causedBy: written.row.id,
    input,
    ...(isRuled === undefined ? {} : { isRuled }),
    decide: (context) => decideChange({ ...context, schema, verb, input }),
  }
}

/** A verb that merges fills the empty fields of its entity before the hooks see them. */
function withMerge({ state }: FollowParts, change: Change): Change {
  const { schema, verb, target, guard, input = {} } = change
  const from = mergeArgument(verb)
  if (from === undefined || target === undefined) return change
  const get: EffectReader['get'] = (noun, id) => {
    const version = state.get(state.tableOf(noun), id)
    if (version === undefined || guard?.isVisible(version) === false) return undefined
    guard?.checkWritable(version)
    return version.fields
  }
  return {
    ...change,
    decide: (context) => {
      const fields = change.decide(context)
      const sources = mergeSources({ schema, verb, id: target, from }, input[from], get)
      return fields === undefined
        ? undefined
        : keepToState(schema, mergedFields({ schema, id: target, read: context.read }, fields, sources))
    },
  }
}

function readerOf({ state, sql, catalog }: FollowParts): EffectReader {
  return {
    get: (schema, id) => state.getToChange(state.tableOf(schema), id)?.fields,
    find: (schema, values, has) => findByValues({ sql, state }, schema, { values, has }),
    referring: (schema, reference) => referringIds({ sql, state }, schema, reference),
    records: (query) => recordsOf({ sql, state, catalog }, query),
  }
}

/** Returns the fields of the entity after its event, or the last ones of a deleted entity. */
function fieldsOf({ row }: Written): EntityFields {
  const entity = JSON.parse(row.data) as Readonly<Record<string, JsonValue>> // the write path made it from an entity
  return Object.fromEntries(Object.entries(entity).filter(([name]) => !name.startsWith('$')))
}
