// The functions that an expression may call by name.

import { type FunctionName, unreachable } from 'digital-objects'
import type { EvaluationContext } from './evaluation-context.ts'
import { isTruthy, toNumber, toPrimitive, toText } from './operators.ts'
import type { Primitive, Value } from './value.ts'

export function callFunction(name: FunctionName, given: readonly Value[], context: EvaluationContext): Value {
  const [first] = given
  const number = (): number => toNumber(first, name, context)
  switch (name) {
    case 'Boolean':
      return isTruthy(first)
    case 'Number':
      return given.length === 0 ? 0 : number()
    case 'String':
      return given.length === 0 ? '' : toText(first, name, context)
    case 'Date.parse':
      return parseTimestamp(toPrimitive(first, name, context), context)
    case 'Math.abs':
      return Math.abs(number())
    case 'Math.ceil':
      return Math.ceil(number())
    case 'Math.floor':
      return Math.floor(number())
    case 'Math.max':
      return Math.max(...given.map((value) => toNumber(value, name, context)))
    case 'Math.min':
      return Math.min(...given.map((value) => toNumber(value, name, context)))
    case 'Math.round':
      return Math.round(number())
    case 'Math.sign':
      return Math.sign(number())
    case 'Math.trunc':
      return Math.trunc(number())
    default:
      return unreachable(name)
  }
}

/** The forms that the ECMAScript standard defines, without those whose result depends on the time zone. */
const portableTimestamp = /^\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?)?)?$/

function parseTimestamp(value: Primitive, context: EvaluationContext): number {
  const text = String(value)
  if (value === undefined || value === null || value === '') return Number.NaN
  if (typeof value === 'string' && text.length <= 64 && portableTimestamp.test(text)) return Date.parse(text)
  throw context.refusal(
    `Date.parse accepts a date, or a timestamp with an offset, got ${JSON.stringify(text.slice(0, 64))}`,
  )
}
