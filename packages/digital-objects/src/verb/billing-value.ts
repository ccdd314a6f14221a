// The effect values that bills are made of: amounts, lines, and periods.

import { formatDatetime } from '../base/datetime.ts'
import { addDuration, parseDuration } from '../base/duration.ts'
import type { EntityFields, JsonValue } from '../base/entity.ts'
import { isPlainObject } from '../base/is-object.ts'
import { ObjectError } from '../base/object-error.ts'
import { unreachable } from '../base/unreachable.ts'
import type { EffectValue } from '../noun/verb-effect.ts'
import { isBillingInterval, periodEdge, prorate } from '../time/billing-period.ts'
import { parseTimeZone } from '../time/zone.ts'

type BillingKind = 'product' | 'durationAfter' | 'daysAfter' | 'list' | 'line' | 'period' | 'prorated' | 'shortfall'
type BillingValue = Extract<EffectValue, { readonly kind: BillingKind }>

export interface BillingContext {
  readonly target: { readonly before: EntityFields; readonly nowMs: number }
  readonly resolve: (value: EffectValue) => JsonValue | undefined
}

const dayMs = 86_400_000

/** Returns null to clear the field, or undefined if there is no value. */
export function billingValue(effect: BillingValue, context: BillingContext): JsonValue | undefined {
  const { resolve } = context
  switch (effect.kind) {
    case 'product':
      return productOf(effect.of.map(resolve))
    case 'daysAfter':
      return daysAfter(resolve(effect.time), resolve(effect.days))
    case 'durationAfter':
      return durationAfter(resolve(effect.time), resolve(effect.duration))
    case 'list': {
      const items = effect.of.flatMap((part) => resolve(part) ?? [])
      return items.length === 0 ? null : items
    }
    case 'line':
      return lineOf(effect.of, resolve)
    case 'period':
      return edgeOf(effect, resolve)
    case 'prorated':
      return proratedAmount(effect, context)
    case 'shortfall':
      return shortfall(resolve(effect.of))
    default:
      return unreachable(effect)
  }
}

function productOf(values: readonly (JsonValue | undefined)[]): number | undefined {
  const numbers = values.filter((value) => typeof value === 'number')
  return numbers.length < values.length ? undefined : numbers.reduce((product, value) => product * value, 1)
}

function daysAfter(time: JsonValue | undefined, days: JsonValue | undefined): string | undefined {
  if (typeof time !== 'string' || typeof days !== 'number' || days <= 0) return undefined
  return formatDatetime(Date.parse(time) + days * dayMs)
}

function durationAfter(time: JsonValue | undefined, duration: JsonValue | undefined): string | undefined {
  const parsed = typeof duration === 'string' ? parseDuration(duration) : undefined
  if (typeof time !== 'string' || parsed === undefined) return undefined
  return formatDatetime(addDuration(Date.parse(time), parsed))
}

function lineOf(
  parts: Readonly<Record<string, EffectValue>>,
  resolve: BillingContext['resolve'],
): JsonValue | undefined {
  const object: Record<string, JsonValue> = {}
  for (const [name, part] of Object.entries(parts)) {
    const value = resolve(part)
    if (value === undefined || value === null) return undefined
    object[name] = value
  }
  return object
}

function edgeOf(
  { edge, at, anchor, interval, count, zone }: BillingValue & { readonly kind: 'period' },
  resolve: BillingContext['resolve'],
): string | undefined {
  const [atMs, anchorMs] = [at, anchor].map((time) => Date.parse(String(resolve(time))))
  const [every, times = 1, timeZone = 'UTC'] = [interval, count, zone].map((part) => resolve(part) ?? undefined)
  if (atMs === undefined || anchorMs === undefined || Number.isNaN(atMs) || Number.isNaN(anchorMs)) return undefined
  if (typeof every !== 'string' || !isBillingInterval(every)) return undefined
  if (typeof times !== 'number' || !Number.isSafeInteger(times) || times < 1) return undefined
  if (typeof timeZone !== 'string' || parseTimeZone(timeZone) === undefined) throw unknownZone(timeZone)
  return periodEdge({ anchorMs, interval: every, count: times, zone: timeZone }, atMs, edge)
}

function proratedAmount(
  { amount, start, end }: BillingValue & { readonly kind: 'prorated' },
  { target, resolve }: BillingContext,
): number | undefined {
  const [startMs, endMs] = [start, end].map((name) => Date.parse(String(target.before[name])))
  const whole = resolve(amount)
  if (startMs === undefined || endMs === undefined || !(startMs < endMs) || typeof whole !== 'number') return undefined
  return prorate(whole, { startMs, endMs }, target.nowMs)
}

/** Items count by their `amount`, less their discount and with their tax. */
function shortfall(items: JsonValue | undefined): number | undefined {
  if (!Array.isArray(items)) return undefined
  const total = items.reduce((sum: number, item: JsonValue) => {
    const numberOf = (name: string): number => {
      const value = isPlainObject(item) ? item[name] : undefined
      return typeof value === 'number' ? value : 0
    }
    return sum + numberOf('amount') - numberOf('discountAmount') + numberOf('taxAmount')
  }, 0)
  return total < 0 ? -total : undefined
}

function unknownZone(zone: JsonValue): ObjectError {
  const message = `expects a time zone such as Europe/Berlin, got ${JSON.stringify(zone).slice(0, 80)}`
  return new ObjectError({
    code: 'validation_error',
    field: 'timeZone',
    message: `field 'timeZone' ${message}`,
    faults: [{ field: 'timeZone', message }],
  })
}
