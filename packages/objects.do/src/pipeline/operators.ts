// JavaScript's operators on primitive values. Operations that need the identity of an entity, a list or an object are
// refused, because a caller's copies do not share it; so are operations that would convert one to a string.

import { type BinaryOperator, type UnaryOperator, unreachable } from 'digital-objects'
import { describeValue } from './describe-value.ts'
import type { EvaluationContext } from './evaluation-context.ts'
import { EntityNode, isPrimitive, type Primitive, type Value } from './value.ts'

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

interface Sides<Side extends Value = Value> {
  readonly left: Side
  readonly right: Side
}

/** Operators that always evaluate both sides. */
export type EagerOperator = Exclude<BinaryOperator, '&&' | '||' | '??'>

export function applyBinary(operator: EagerOperator, sides: Sides, context: EvaluationContext): Value {
  const { left, right } = sides
  switch (operator) {
    case '===':
      return isSame(sides, operator, context)
    case '!==':
      return !isSame(sides, operator, context)
    case '==':
      return isEqual(sides, operator, context)
    case '!=':
      return !isEqual(sides, operator, context)
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compare(
        operator,
        { left: toPrimitive(left, operator, context), right: toPrimitive(right, operator, context) },
        context,
      )
    case '+':
      return add(toPrimitive(left, operator, context), toPrimitive(right, operator, context), context)
    default:
      return calculate(operator, toNumber(left, operator, context), toNumber(right, operator, context))
  }
}

export function isTruthy(value: Value): boolean {
  return Boolean(value)
}

/** `by` names the operation in the refusal. */
export function toPrimitive(value: Value, by: string, context: EvaluationContext): Primitive {
  if (isPrimitive(value)) return value
  throw context.refusal(`${by} does not accept ${describeValue(value)}; use its content`)
}

export function toNumber(value: Value, by: string, context: EvaluationContext): number {
  const primitive = toPrimitive(value, by, context)
  if (typeof primitive === 'string') context.countRead(primitive.length)
  return Number(primitive)
}

export function toText(value: Value, by: string, context: EvaluationContext): string {
  return String(toPrimitive(value, by, context))
}

/** Concatenates the parts. */
export function joinTexts(parts: readonly string[], context: EvaluationContext, separator = ''): string {
  let characters = separator.length * Math.max(parts.length - 1, 0)
  for (const part of parts) characters += part.length
  context.countCreated(characters)
  return parts.join(separator)
}

export function isSame(sides: Sides, by: string, context: EvaluationContext): boolean {
  const { left, right } = sides
  if (isPrimitive(left) && isPrimitive(right)) {
    countComparison(left, right, context)
    return left === right
  }
  refuseIdentity(sides, by, context)
  return false
}

function isEqual(sides: Sides, by: string, context: EvaluationContext): boolean {
  const { left, right } = sides
  if (left === null || left === undefined) return right === null || right === undefined
  if (right === null || right === undefined) return false
  if (isPrimitive(left) && isPrimitive(right) && typeof left !== typeof right)
    return toNumber(left, by, context) === toNumber(right, by, context)
  if (isPrimitive(left) !== isPrimitive(right)) {
    toPrimitive(left, by, context)
    toPrimitive(right, by, context)
  }
  return isSame(sides, by, context)
}

/**
 * Refuses to compare by identity. An entity never equals a string, but a callback that compares the two means the id, so
 * that is refused as well.
 */
export function refuseIdentity({ left, right }: Sides, by: string, context: EvaluationContext): void {
  const meansId =
    (left instanceof EntityNode && typeof right === 'string') ||
    (right instanceof EntityNode && typeof left === 'string')
  if (!meansId && (isPrimitive(left) || isPrimitive(right))) return
  const compared = `${describeValue(left)} and ${describeValue(right)}`
  throw context.refusal(`${by} of ${compared}: compare entities by their $id, lists and objects by their content`)
}

function compare(
  operator: '<' | '<=' | '>' | '>=',
  { left, right }: Sides<Primitive>,
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

function calculate(operator: '-' | '*' | '/' | '%' | '**', left: number, right: number): number {
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
  if (typeof left === 'string' && typeof right === 'string') context.countRead(Math.min(left.length, right.length))
}
