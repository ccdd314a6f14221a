// Evaluates `value.name` and `value[key]`. Only own properties are read, never inherited ones.

import { describeValue } from './describe-value.ts'
import type { EvaluationContext } from './evaluation-context.ts'
import { EntityNode, isList, isPrimitive, type Value } from './value.ts'

/** `key` is a property name; an index into a list is a string. */
export function readMember(of: Value, key: string, context: EvaluationContext): Value {
  if (of === undefined || of === null)
    throw context.refusal(`cannot read '${shortened(key)}' of ${of}; use ?. if it may be missing`)
  if (of instanceof EntityNode) {
    const value = of.get(key)
    return value === undefined ? notOwn(of, key, context) : value
  }
  if (typeof of === 'string' || isList(of)) {
    if (key === 'length') return of.length
    return isIndexIn(of, key) ? of[Number(key)] : notOwn(of, key, context)
  }
  if (!isPrimitive(of) && Object.hasOwn(of, key)) return of[key]
  return notOwn(of, key, context)
}

function isIndexIn(of: { readonly length: number }, key: string): boolean {
  const index = Number(key)
  return Number.isInteger(index) && index >= 0 && index < of.length && String(index) === key
}

/** Refuses an inherited property, which would expose the engine. A missing property is undefined. */
function notOwn(of: Value, key: string, context: EvaluationContext): undefined {
  const prototype: object = isPrimitive(of) ? Object(of) : isList(of) ? [] : {}
  if (key in prototype) throw context.refusal(`'${shortened(key)}' of ${describeValue(of)} is not a value`)
  return undefined
}

function shortened(key: string): string {
  return key.slice(0, 64)
}
