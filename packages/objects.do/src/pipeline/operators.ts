// JavaScript's operators, on what can be compared and reckoned with here. Entities, lists and objects have an identity
// that a caller's copies do not share, and a text form that nobody means: what would need either is refused.

import { type BinaryOperator, type UnaryOperator, unreachable } from 'digital-objects'
import { describeValue } from './describe-value.ts'
import { EntityValue } from './entity-value.ts'
import type { EvaluationContext } from './evaluation-context.ts'
import { isPrimitive, type Primitive, type Value } from './value.ts'

export function applyUnary(operator: UnaryOperator, value: Value, context: EvaluationContext): Value {
  switch (operator) {
    case '!':
      return !isTruthy(value)
    case 'typeof':
      return typeof value
    case '-':
      return -toNumber(value, operator, context)
    case '+':
      return toNumber(value, operator, context)
    default:
      return unreachable(operator)
  }
}

/** Those whose both sides are always evaluated. */
export type EagerOperator = Exclude<BinaryOperator, '&&' | '||' | '??'>

export function applyBinary(
  operator: EagerOperator,
  sides: { readonly left: Value; readonly right: Value },
  context: EvaluationContext,
): Value {
  const { left, right } = sides
  switch (operator) {
    case '===':
      return isSame(left, right, operator, context)
    case '!==':
      return !isSame(left, right, operator, context)
    case '==':
      return isEqual(left, right, operator, context)
    case '!=':
      return !isEqual(left, right, operator, context)
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compare(operator, toPrimitive(left, operator, context), toPrimitive(right, operator, context), context)
    case '+':
      return add(toPrimitive(left, operator, context), toPrimitive(right, operator, context), context)
    default:
      return reckon(operator, toNumber(left, operator, context), toNumber(right, operator, context))
  }
}

export function isTruthy(value: Value): boolean {
  return Boolean(value)
}

/** `by` is what asks for it, for the refusal. */
export function toPrimitive(value: Value, by: string, context: EvaluationContext): Primitive {
  if (isPrimitive(value)) return value
  throw context.refusal(`${by} takes no ${describeValue(value).replace(/^an? /, '')}; use what it holds`)
}

export function toNumber(value: Value, by: string, context: EvaluationContext): number {
  const primitive = toPrimitive(value, by, context)
  if (typeof primitive === 'string') context.countLookedAt(primitive.length)
  return Number(primitive)
}

export function toText(value: Value, by: string, context: EvaluationContext): string {
  return String(toPrimitive(value, by, context))
}

/** Parts one after the other, as one text. */
export function joinTexts(parts: readonly string[], context: EvaluationContext, separator = ''): string {
  let characters = separator.length * Math.max(parts.length - 1, 0)
  for (const part of parts) characters += part.length
  context.countMade(characters)
  return parts.join(separator)
}

export function isSame(left: Value, right: Value, by: string, context: EvaluationContext): boolean {
  if (isPrimitive(left) && isPrimitive(right)) {
    countComparison(left, right, context)
    return left === right
  }
  refuseIdentity(left, right, by, context)
  return false
}

function isEqual(left: Value, right: Value, by: string, context: EvaluationContext): boolean {
  if (left === null || left === undefined) return right === null || right === undefined
  if (right === null || right === undefined) return false
  if (isPrimitive(left) && isPrimitive(right) && typeof left !== typeof right)
    return toNumber(left, by, context) === toNumber(right, by, context)
  if (isPrimitive(left) !== isPrimitive(right)) {
    toPrimitive(left, by, context)
    toPrimitive(right, by, context)
  }
  return isSame(left, right, by, context)
}

/** An entity is never a text, but who compares it with one means its id. */
export function refuseIdentity(left: Value, right: Value, by: string, context: EvaluationContext): void {
  const isOfIds =
    (left instanceof EntityValue && typeof right === 'string') ||
    (right instanceof EntityValue && typeof left === 'string')
  if (!isOfIds && (isPrimitive(left) || isPrimitive(right))) return
  const sides = `${describeValue(left)} and ${describeValue(right)}`
  throw context.refusal(`${by} of ${sides}: entities are compared by their $id, lists and objects by what they hold`)
}

function compare(
  operator: '<' | '<=' | '>' | '>=',
  left: Primitive,
  right: Primitive,
  context: EvaluationContext,
): boolean {
  countComparison(left, right, context)
  if (typeof left === 'string' && typeof right === 'string') return inOrder(operator, left, right)
  return inOrder(operator, toNumber(left, operator, context), toNumber(right, operator, context))
}

function inOrder<Side extends string | number>(operator: '<' | '<=' | '>' | '>=', left: Side, right: Side): boolean {
  switch (operator) {
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
    default:
      return unreachable(operator)
  }
}

function add(left: Primitive, right: Primitive, context: EvaluationContext): string | number {
  if (typeof left === 'string' || typeof right === 'string') return joinTexts([String(left), String(right)], context)
  return Number(left) + Number(right)
}

function reckon(operator: '-' | '*' | '/' | '%' | '**', left: number, right: number): number {
  switch (operator) {
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    case '%':
      return left % right
    case '**':
      return left ** right
    default:
      return unreachable(operator)
  }
}

export function countComparison(left: Value, right: Value, context: EvaluationContext): void {
  if (typeof left === 'string' && typeof right === 'string') context.countLookedAt(Math.min(left.length, right.length))
}
