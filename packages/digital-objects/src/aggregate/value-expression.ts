// The value of a measure: a field, or arithmetic on fields. A missing value makes the result missing, as does a division by
// zero. Datetimes and dates count as milliseconds since 1970 in arithmetic.

import { unreachable } from '../base/unreachable.ts'
import type { JsonValue } from '../base/entity.ts'
import type { ValuePath } from './value-path.ts'

export type ValueExpression =
  | ({ readonly kind: 'path' } & ValuePath)
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'negative'; readonly of: ValueExpression }
  | {
      readonly kind: 'binary'
      readonly operator: '+' | '-' | '*' | '/'
      readonly left: ValueExpression
      readonly right: ValueExpression
    }
  /** The first value that is not missing. */
  | { readonly kind: 'coalesce'; readonly of: readonly ValueExpression[] }
  /** Chooses by a string, as `match(interval, 'Monthly', 1, 'Yearly', 12)` does; missing if no case applies. */
  | {
      readonly kind: 'match'
      readonly path: ValuePath
      readonly cases: readonly { readonly value: string; readonly then: ValueExpression }[]
      readonly otherwise: ValueExpression | undefined
    }

/** Returns the value at a path, a datetime in milliseconds; undefined if it is missing. */
export type ReadPath = (path: ValuePath) => JsonValue | undefined

/** Returns undefined for a missing value. The result may be infinite. */
export function evaluateExpression(expression: ValueExpression, read: ReadPath): number | undefined {
  switch (expression.kind) {
    case 'path':
      return numberOf(read(expression), expression)
    case 'number':
      return expression.value
    case 'negative': {
      const of = evaluateExpression(expression.of, read)
      return of === undefined ? undefined : -of
    }
    case 'binary': {
      const left = evaluateExpression(expression.left, read)
      const right = evaluateExpression(expression.right, read)
      return left === undefined || right === undefined ? undefined : calculate(expression.operator, left, right)
    }
    case 'coalesce': {
      for (const part of expression.of) {
        const value = evaluateExpression(part, read)
        if (value !== undefined) return value
      }
      return undefined
    }
    case 'match': {
      const given = read(expression.path)
      const then = expression.cases.find(({ value }) => value === given)?.then ?? expression.otherwise
      return then === undefined ? undefined : evaluateExpression(then, read)
    }
    default:
      return unreachable(expression)
  }
}

/** Returns all paths that an expression reads. */
export function pathsOfExpression(expression: ValueExpression): readonly ValuePath[] {
  switch (expression.kind) {
    case 'path':
      return [expression]
    case 'number':
      return []
    case 'negative':
      return pathsOfExpression(expression.of)
    case 'binary':
      return [...pathsOfExpression(expression.left), ...pathsOfExpression(expression.right)]
    case 'coalesce':
      return expression.of.flatMap(pathsOfExpression)
    case 'match': {
      const { path, cases, otherwise } = expression
      const inner = [...cases.map(({ then }) => then), ...(otherwise === undefined ? [] : [otherwise])]
      return [path, ...inner.flatMap(pathsOfExpression)]
    }
    default:
      return unreachable(expression)
  }
}

function numberOf(value: JsonValue | undefined, { storage }: ValuePath): number | undefined {
  if (storage === 'date') return value === undefined ? undefined : Date.parse(`${String(value)}T00:00:00Z`)
  return typeof value === 'number' ? value : undefined
}

function calculate(operator: '+' | '-' | '*' | '/', left: number, right: number): number | undefined {
  const result =
    operator === '+' ? left + right : operator === '-' ? left - right : operator === '*' ? left * right : left / right
  // SQLite has no NaN either, and divides nothing by zero.
  return Number.isNaN(result) || (operator === '/' && right === 0) ? undefined : result
}
