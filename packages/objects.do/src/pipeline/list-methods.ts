// The list methods that an expression may call. They never change the list, and every item they visit counts against the
// limits.

import type { ListMethod, TextMethod } from 'digital-objects'
import type { EvaluationContext } from './evaluation-context.ts'
import { countComparison, isTruthy, joinTexts, refuseIdentity, toNumber, toText } from './operators.ts'
import { isList, isPrimitive, type Value } from './value.ts'

export type Call = (...values: readonly Value[]) => Value

export interface ListCall {
  readonly name: ListMethod | TextMethod
  /** All arguments but the callback. */
  readonly arguments: readonly Value[]
  readonly callback: Call | undefined
}

export function callListMethod(list: readonly Value[], call: ListCall, context: EvaluationContext): Value {
  const { name } = call
  const [first, second] = call.arguments
  const callback: Call = call.callback ?? missingCallback
  const numberOf = (value: Value): number => toNumber(value, name, context)
  if (name !== 'at') context.countEvaluations(list.length)
  switch (name) {
    case 'at':
      return list.at(numberOf(first))
    case 'concat':
      return concat(list, call.arguments, context)
    case 'every':
      return list.every((item) => isTruthy(callback(item)))
    case 'filter':
      return list.filter((item) => isTruthy(callback(item)))
    case 'find':
      return list.find((item) => isTruthy(callback(item)))
    case 'flatMap':
      return flatMap(list, callback, context)
    case 'includes':
      checkSearch(list, { search: first, by: name }, context)
      return list.includes(first, numberOf(second))
    case 'indexOf':
      checkSearch(list, { search: first, by: name }, context)
      return list.indexOf(first, numberOf(second))
    case 'join':
      return join(list, first, context)
    case 'map':
      return list.map((item) => callback(item))
    case 'reduce':
      return reduce(list, call, context)
    case 'slice':
      return list.slice(numberOf(first), second === undefined ? undefined : numberOf(second))
    case 'some':
      return list.some((item) => isTruthy(callback(item)))
    case 'toSorted':
      return call.callback === undefined ? sortAsTexts(list, context) : sortBy(list, call.callback, context)
    default:
      throw context.refusal(`a list has no method ${name} in a pipeline`)
  }
}

function missingCallback(): never {
  throw new Error('a checked method call lacks its callback')
}

function concat(list: readonly Value[], others: readonly Value[], context: EvaluationContext): readonly Value[] {
  const result = [...list]
  for (const other of others) {
    const items = isList(other) ? other : [other]
    context.countEvaluations(items.length)
    for (const item of items) result.push(item)
  }
  return result
}

export function flatMap(list: readonly Value[], callback: Call, context: EvaluationContext): readonly Value[] {
  return list.flatMap((item) => {
    const result = callback(item)
    if (isList(result)) context.countEvaluations(result.length)
    return result
  })
}

function reduce(list: readonly Value[], call: ListCall, context: EvaluationContext): Value {
  const callback: Call = call.callback ?? missingCallback
  if (call.arguments.length > 0) return list.reduce((sum, item) => callback(sum, item), call.arguments[0])
  if (list.length === 0) throw context.refusal('reduce of an empty list needs an initial value')
  return list.reduce((sum, item) => callback(sum, item))
}

/** Refuses a search that would have to compare items by identity. */
function checkSearch(
  list: readonly Value[],
  { search, by }: { readonly search: Value; readonly by: string },
  context: EvaluationContext,
): void {
  for (const item of list) {
    if (isPrimitive(item) && isPrimitive(search)) countComparison(item, search, context)
    else refuseIdentity({ left: item, right: search }, by, context)
  }
}

function join(list: readonly Value[], separator: Value, context: EvaluationContext): string {
  const by = separator === undefined ? ',' : toText(separator, 'join', context)
  const parts = list.map((item) => (item === undefined || item === null ? '' : toText(item, 'join', context)))
  return joinTexts(parts, context, by)
}

/** Sorts as JavaScript does by default: items as strings, by code units, undefined last. */
export function sortAsTexts(list: readonly Value[], context: EvaluationContext): readonly Value[] {
  const pairs = list.map((item) =>
    item === undefined ? undefined : { item, text: toText(item, 'sorting without a comparator', context) },
  )
  const sorted = pairs.toSorted((left, right) => {
    context.countEvaluations(1)
    // toSorted never passes undefined items to the comparator.
    if (left === undefined || right === undefined) return 0
    countComparison(left.text, right.text, context)
    return left.text < right.text ? -1 : left.text > right.text ? 1 : 0
  })
  return sorted.map((pair) => pair?.item)
}

export function sortBy(list: readonly Value[], callback: Call, context: EvaluationContext): readonly Value[] {
  return list.toSorted((left, right) => toNumber(callback(left, right), 'a comparator', context))
}
