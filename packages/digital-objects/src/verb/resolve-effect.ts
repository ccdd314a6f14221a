// The value that one effect of a verb yields for one field (the vocabulary is `verb-effect.ts`).

import { unreachable } from '../base/unreachable.ts'
import type { EntityFields, JsonValue } from '../base/entity.ts'
import { periodAfter } from '../base/period-after.ts'
import type { EffectValue } from '../noun/verb-effect.ts'

export interface EffectPlace {
  /** The field that gets the value. */
  readonly name: string
  /** The fields as they were. */
  readonly before: EntityFields
  /** The fields so far, the caller's arguments among them. */
  readonly fields: EntityFields
  readonly input: Readonly<Record<string, JsonValue>>
  readonly nowMs: number
}

/** null clears the field, undefined leaves it as it is. */
export function resolveEffect(effect: EffectValue, place: EffectPlace): JsonValue | undefined {
  switch (effect.kind) {
    case 'literal':
      return effect.value
    case 'now':
      return isoOf(place.nowMs)
    case 'today':
      return isoOf(place.nowMs).slice(0, 10)
    case 'argument':
      // An argument of null has cleared its field already and yields no value.
      return own(place.input, effect.name) ?? undefined
    case 'field':
      return own(place.before, effect.name)
    case 'add':
      return numberOf(place.before[place.name]) + effect.amount
    case 'clear':
      return null
    case 'next':
      return nextOf(effect.values, place.before[place.name])
    case 'first':
      return firstOf(effect.of, place)
    case 'when':
      return resolveEffect(place.fields[effect.field] === effect.equals ? effect.then : effect.otherwise, place)
    case 'ifEmpty':
      return place.fields[place.name] === undefined ? resolveEffect(effect.value, place) : undefined
    case 'sum':
      return effect.of.reduce((total, part) => total + numberOf(resolveEffect(part, place)), 0)
    case 'arguments':
      return argumentsOf(effect.names, place)
    case 'append':
      return append(effect, place)
    case 'periodAfter':
      return nextPeriodEnd(effect, place)
    default:
      return unreachable(effect)
  }
}

/** A caller's argument may be called `constructor`. */
function own(values: Readonly<Record<string, JsonValue>>, name: string): JsonValue | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}

function numberOf(value: JsonValue | undefined): number {
  return typeof value === 'number' ? value : 0
}

function firstOf(effects: readonly EffectValue[], place: EffectPlace): JsonValue | undefined {
  for (const effect of effects) {
    const value = resolveEffect(effect, place)
    if (value !== undefined) return value
  }
  return undefined
}

function nextOf(values: readonly string[], current: JsonValue | undefined): string | undefined {
  const at = typeof current === 'string' ? values.indexOf(current) : -1
  return at < 0 ? undefined : values[Math.min(at + 1, values.length - 1)]
}

function argumentsOf(names: readonly string[], place: EffectPlace): JsonValue {
  const given: Record<string, JsonValue> = {}
  for (const name of names) {
    const value = own(place.input, name)
    if (value !== undefined && value !== null) given[name] = value
  }
  return { ...given, at: isoOf(place.nowMs) }
}

function append(effect: EffectValue & { readonly kind: 'append' }, place: EffectPlace): JsonValue | undefined {
  const item = resolveEffect(effect.value, place)
  if (item === undefined || item === null) return undefined
  const current = place.fields[place.name]
  // A value that is no list is what the list begins with: nothing of it is lost.
  const items: readonly JsonValue[] = Array.isArray(current) ? current : current === undefined ? [] : [current]
  return [...items, item].slice(-effect.itemsMax)
}

function nextPeriodEnd(effect: EffectValue & { readonly kind: 'periodAfter' }, place: EffectPlace): string | undefined {
  const [start, end] = [place.before[effect.start], place.before[effect.end]]
  return typeof start === 'string' && typeof end === 'string' ? periodAfter({ start, end }) : undefined
}
