// `value.name` and `value[key]`: what is a value's own, never what it inherits from the engine.

import { describeValue } from './describe-value.ts'
import { EntityValue } from './entity-value.ts'
import type { EvaluationContext } from './evaluation-context.ts'
import { isList, isPrimitive, type Value } from './value.ts'

/** `key` is a name as JavaScript takes it: a place in a list as text. */
export function readMember(of: Value, key: string, context: EvaluationContext): Value {
  if (of === undefined || of === null)
    throw context.refusal(`cannot read '${shortened(key)}' of ${of}; ?. reads it where it may be missing`)
  if (of instanceof EntityValue) {
    const value = of.get(key)
    return value === undefined ? notOwn(of, key, context) : value
  }
  if (typeof of === 'string' || isList(of)) {
    if (key === 'length') return of.length
    return isPlaceIn(of, key) ? of[Number(key)] : notOwn(of, key, context)
  }
  if (!isPrimitive(of) && Object.hasOwn(of, key)) return of[key]
  return notOwn(of, key, context)
}

function isPlaceIn(of: { readonly length: number }, key: string): boolean {
  const place = Number(key)
  return Number.isInteger(place) && place >= 0 && place < of.length && String(place) === key
}

/** What a value has from its prototype is a part of the engine; what it has not, is undefined. */
function notOwn(of: Value, key: string, context: EvaluationContext): undefined {
  const prototype: object = isPrimitive(of) ? Object(of) : isList(of) ? [] : {}
  if (key in prototype) throw context.refusal(`'${shortened(key)}' of ${describeValue(of)} is no value`)
  return undefined
}

function shortened(key: string): string {
  return key.slice(0, 64)
}
