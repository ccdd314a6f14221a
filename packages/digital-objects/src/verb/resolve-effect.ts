// Computes the value that one effect of a verb gives to one field. `verb-effect.ts` defines the effects.

import { isPlainObject } from '../base/is-object.ts'
import type { EntityFields, JsonValue } from '../base/entity.ts'
import { periodAfter } from '../base/period-after.ts'
import type { TenantSettings } from '../settings/tenant-settings.ts'
import type { EffectValue, EffectValues } from '../noun/verb-effect.ts'
import { addBusinessDuration, settingAt, toDuration } from '../settings/target-time.ts'
import { billingValue } from './billing-value.ts'
import { listValue, type ReadRecords } from './list-value.ts'

/** Returns the number of a Noun's entities that a filter chooses, or the sum of a field of theirs. Throws an ObjectError. */
export type ReadTotal = (query: TotalQuery) => number

export interface TotalQuery {
  readonly noun: string
  readonly filter: JsonValue
  readonly sum?: string
}

/** Returns the fields of the live entity with this id. */
export type ReadFields = (id: string) => EntityFields | undefined

export interface EffectTarget {
  /** The fields of the verb's entity that `field` and `periodAfter` read: before the verb, or after it for related effects. */
  readonly before: EntityFields
  /** The fields of the verb's entity so far, including the caller's arguments. */
  readonly fields: EntityFields
  /** The value of the field that is set, before the effects. */
  readonly value: JsonValue | undefined
  /** The value after the effects so far. */
  readonly valueSoFar: JsonValue | undefined
  /** The id of the verb's entity; undefined while it is created. */
  readonly id?: string
  /** Ids that earlier effects have named, such as `$contact`. */
  readonly names?: ReadonlyMap<string, string>
  readonly read?: ReadFields
  readonly total?: ReadTotal
  readonly records?: ReadRecords
  /** The fields of the verb's entity before the verb, for effects on related entities. */
  readonly previous?: EntityFields
  /** The item of an effect with `each`. */
  readonly item?: EntityFields
  readonly input: Readonly<Record<string, JsonValue>>
  readonly nowMs: number
  /** The time at which the verb's entity was created; undefined while it is. */
  readonly createdAtMs?: number
  readonly settings?: TenantSettings
}

/** Returns null to clear the field, or undefined to leave it unchanged. */
export function resolveEffect(effect: EffectValue, target: EffectTarget): JsonValue | undefined {
  switch (effect.kind) {
    case 'literal':
      return effect.value
    case 'now':
    case 'today':
    case 'createdAt':
    case 'id':
    case 'clear':
      return factOf(effect.kind, target)
    case 'argument':
      // A null argument has already cleared its field, and gives no value.
      return own(target.input, effect.name) ?? undefined
    case 'add':
      return numberOf(target.value) + effect.amount
    case 'next':
      return nextOf(effect.values, target.value)
    case 'first':
      return firstOf(effect.of, target)
    case 'when':
      return resolveEffect(target.fields[effect.field] === effect.equals ? effect.then : effect.otherwise, target)
    case 'ifEmpty':
      return target.valueSoFar === undefined ? resolveEffect(effect.value, target) : undefined
    case 'sum':
      return effect.of.reduce((total, part) => total + numberOf(resolveEffect(part, target)), 0)
    case 'arguments':
      return argumentsOf(effect.names, target)
    case 'append':
      return append(effect, target)
    case 'path':
      return valueAtPath(effect.path, target)
    case 'member':
      return memberOf(resolveEffect(effect.of, target), effect.name)
    case 'object':
      return objectOf(effect.members, target)
    case 'item':
      return itemOf(effect, target)
    case 'minutesToRead':
    case 'total':
    case 'length':
    case 'gain':
      return figureOf(effect, target)
    case 'ifSet':
    case 'ifGiven':
    case 'ifPast':
    case 'following':
      return chosenValue(effect, target)
    case 'field':
    case 'soFar':
    case 'previous':
    case 'ofItem':
    case 'setting':
      return namedValue(effect, target)
    case 'periodAfter':
    case 'target':
      return effect.kind === 'target' ? targetTime(effect, target) : nextPeriodEnd(effect, target)
    default:
      return composedValue(effect, target)
  }
}

type ComposedValue = Parameters<typeof listValue>[0] | Parameters<typeof billingValue>[0]

/** Returns a value that is made of others. */
function composedValue(effect: ComposedValue, target: EffectTarget): JsonValue | undefined {
  const resolve = (value: EffectValue): JsonValue | undefined => resolveEffect(value, target)
  if (effect.kind === 'records' || effect.kind === 'without') return listValue(effect, { target, resolve })
  return billingValue(effect, { target, resolve })
}

function factOf(
  kind: 'now' | 'today' | 'createdAt' | 'id' | 'clear',
  { nowMs, createdAtMs = nowMs, id }: EffectTarget,
): JsonValue | undefined {
  switch (kind) {
    case 'now':
      return isoOf(nowMs)
    case 'today':
      return isoOf(nowMs).slice(0, 10)
    case 'createdAt':
      return isoOf(createdAtMs)
    case 'id':
      return id
    default:
      return null
  }
}

/** Reads own properties only: a caller may name an argument `constructor`. */
function own(values: Readonly<Record<string, JsonValue>>, name: string): JsonValue | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}

function numberOf(value: JsonValue | undefined): number {
  return typeof value === 'number' ? value : 0
}

function firstOf(effects: readonly EffectValue[], target: EffectTarget): JsonValue | undefined {
  for (const effect of effects) {
    const value = resolveEffect(effect, target)
    if (value !== undefined) return value
  }
  return undefined
}

function nextOf(values: readonly string[], current: JsonValue | undefined): string | undefined {
  const at = typeof current === 'string' ? values.indexOf(current) : -1
  return at < 0 ? undefined : values[Math.min(at + 1, values.length - 1)]
}

function argumentsOf(names: readonly string[], target: EffectTarget): JsonValue {
  const given: Record<string, JsonValue> = {}
  for (const name of names) {
    const value = own(target.input, name)
    if (value !== undefined && value !== null) given[name] = value
  }
  return { ...given, at: isoOf(target.nowMs) }
}

function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isPlainObject(value) ? own(value, name) : undefined
}

function figureOf(
  effect: EffectValue & { readonly kind: 'minutesToRead' | 'total' | 'length' | 'gain' },
  target: EffectTarget,
): number | undefined {
  if (effect.kind === 'minutesToRead') return minutesToRead(own(target.fields, effect.field))
  if (effect.kind === 'total') return totalOf(effect, target)
  const value = resolveEffect(effect.of, target)
  if (effect.kind === 'gain') return gainOf(value, resolveEffect(effect.over, target))
  return Array.isArray(value) ? value.length : undefined
}

function totalOf(effect: EffectValue & { readonly kind: 'total' }, target: EffectTarget): number | undefined {
  const filter = resolveEffect(effect.filter, target)
  if (!isPlainObject(filter)) return undefined
  const { noun, sum } = effect
  const { type, filter: inner, ...others } = filter
  const isNamed = typeof type === 'string' && isPlainObject(inner) && Object.keys(others).length === 0
  const chosen = isNamed ? { noun: type, filter: inner } : { noun, filter }
  return target.total?.({ ...chosen, ...(sum === undefined ? {} : { sum }) })
}

function gainOf(value: JsonValue | undefined, over: JsonValue | undefined): number | undefined {
  if (typeof value !== 'number' || typeof over !== 'number' || over === 0) return undefined
  return ((value - over) / over) * 100
}

/** Follows ids to entities, and members into objects. */
function valueAtPath(path: string, { fields, names, read }: EffectTarget): JsonValue | undefined {
  const [first = '', ...others] = path.split('.')
  let value = first.startsWith('$') ? names?.get(first) : own(fields, first)
  for (const name of others) value = memberOf(typeof value === 'string' ? read?.(value) : value, name)
  return value
}

function objectOf(members: EffectValues, target: EffectTarget): JsonValue {
  const object: Record<string, JsonValue> = {}
  for (const [name, member] of Object.entries(members)) {
    const value = resolveEffect(member, target)
    if (value !== undefined && value !== null) object[name] = value
  }
  return object
}

function itemOf(effect: EffectValue & { readonly kind: 'item' }, target: EffectTarget): JsonValue | undefined {
  const list = resolveEffect(effect.list, target)
  if (!Array.isArray(list)) return undefined
  const orderOf = (item: JsonValue): number => numberOf(memberOf(item, 'order'))
  const items = list.toSorted((a: JsonValue, b: JsonValue) => orderOf(a) - orderOf(b))
  const equals = resolveEffect(effect.equals, target)
  const at = items.findIndex((item: JsonValue) => memberOf(item, effect.key) === equals)
  if (at < 0 || equals === undefined) return undefined
  return memberOf(items[effect.isNext === true ? Math.min(at + 1, items.length - 1) : at], effect.gives)
}

const wordsPerMinute = 200
/** Scripts without spaces, of which people read about this many characters in the time of a word. */
const charactersPerWord = 2.5
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu

function minutesToRead(text: JsonValue | undefined): number | undefined {
  if (typeof text !== 'string') return undefined
  const characters = text.match(unspaced)?.length ?? 0
  const words = text.replace(unspaced, ' ').match(/[\p{L}\p{N}]+/gu)?.length ?? 0
  const all = words + characters / charactersPerWord
  return all === 0 ? undefined : Math.ceil(all / wordsPerMinute)
}

function namedValue(
  effect: EffectValue & { readonly kind: 'field' | 'soFar' | 'previous' | 'ofItem' | 'setting' },
  { before, fields, previous, item, settings }: EffectTarget,
): JsonValue | undefined {
  if (effect.kind === 'setting') return settings?.[effect.name]
  const values = { field: before, soFar: fields, previous, ofItem: item }[effect.kind]
  return values === undefined ? undefined : own(values, effect.name)
}

function chosenValue(
  effect: EffectValue & { readonly kind: 'ifSet' | 'ifGiven' | 'ifPast' | 'following' },
  target: EffectTarget,
): JsonValue | undefined {
  if (effect.kind === 'following') return resolveEffect(effect.value, target)
  if (effect.kind === 'ifPast') return resolveEffect(isPast(effect, target) ? effect.then : effect.otherwise, target)
  const value = effect.kind === 'ifSet' ? own(target.fields, effect.field) : own(target.input, effect.argument)
  return value === undefined || value === null ? undefined : resolveEffect(effect.value, target)
}

function isPast({ field, at }: EffectValue & { readonly kind: 'ifPast' }, target: EffectTarget): boolean {
  const time = target.before[field]
  const atMs = at === undefined ? target.nowMs : Date.parse(String(resolveEffect(at, target)))
  return typeof time === 'string' && Date.parse(time) <= atMs
}

function targetTime(effect: EffectValue & { readonly kind: 'target' }, target: EffectTarget): string | undefined {
  const { fields, settings } = target
  const since = resolveEffect(effect.since, target)
  const duration = settings === undefined ? undefined : toDuration(settingAt(settings, effect, fields))
  if (settings === undefined || duration === undefined || typeof since !== 'string') return undefined
  const atMs = addBusinessDuration(settings, Date.parse(since), duration)
  return atMs === undefined ? undefined : isoOf(atMs)
}

function append(effect: EffectValue & { readonly kind: 'append' }, target: EffectTarget): JsonValue | undefined {
  const item = resolveEffect(effect.value, target)
  if (item === undefined || item === null) return undefined
  const current = target.valueSoFar
  // A value from before the field was a list becomes the first item, so that it is not lost.
  const items: readonly JsonValue[] = Array.isArray(current) ? current : current === undefined ? [] : [current]
  return [...items, item].slice(-effect.itemsMax)
}

function nextPeriodEnd(
  effect: EffectValue & { readonly kind: 'periodAfter' },
  target: EffectTarget,
): string | undefined {
  const [start, end] = [target.before[effect.start], target.before[effect.end]]
  return typeof start === 'string' && typeof end === 'string' ? periodAfter({ start, end }) : undefined
}
