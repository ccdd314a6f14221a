// Computes the value that one effect of a verb gives to one field. `verb-effect.ts` defines the effects.

import { unreachable } from '../base/unreachable.ts'
import type { EntityFields, JsonValue } from '../base/entity.ts'
import { periodAfter } from '../base/period-after.ts'
import type { EffectValue } from '../noun/verb-effect.ts'

export interface EffectTarget {
  /** The fields of the verb's entity that `field` and `periodAfter` read: before the verb, or after it for related effects. */
  readonly before: EntityFields
  /** The fields of the verb's entity so far, including the caller's arguments. */
  readonly fields: EntityFields
  /** The value of the field that is set, before the effects. */
  readonly value: JsonValue | undefined
  /** The value after the effects so far. */
  readonly valueSoFar: JsonValue | undefined
  /** The id of the verb's entity, for effects on related entities. */
  readonly id?: string
  readonly input: Readonly<Record<string, JsonValue>>
  readonly nowMs: number
}

/** Returns null to clear the field, or undefined to leave it unchanged. */
export function resolveEffect(effect: EffectValue, target: EffectTarget): JsonValue | undefined {
  switch (effect.kind) {
    case 'literal':
      return effect.value
    case 'now':
      return isoOf(target.nowMs)
    case 'today':
      return isoOf(target.nowMs).slice(0, 10)
    case 'argument':
      // A null argument has already cleared its field, and gives no value.
      return own(target.input, effect.name) ?? undefined
    case 'field':
      return own(target.before, effect.name)
    case 'add':
      return numberOf(target.value) + effect.amount
    case 'clear':
      return null
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
    case 'periodAfter':
      return nextPeriodEnd(effect, target)
    case 'id':
      return target.id
    default:
      return unreachable(effect)
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
