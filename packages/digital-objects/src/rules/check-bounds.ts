// Holds a changed entity to the sums and bounds of its Noun. A refusal has the figures.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { ObjectError } from '../base/object-error.ts'
import { isSameJson } from '../base/canonical-json.ts'
import { unreachable } from '../base/unreachable.ts'
import { describeSum, type ExpressionValues, fieldsInSum, valueOfSum } from '../noun/amount-expression.ts'
import type { Bound, Comparison, SumRule } from '../noun/amount-rules.ts'
import { amountRulesOf } from '../noun/parse-amount-rules.ts'
import type { NounSchema, StoredField } from '../noun/schema.ts'
import { checkValue } from '../noun/validate-value.ts'

export interface BoundChange extends ExpressionValues {
  /** `Invoice.update`, for messages. */
  readonly operation: string
  /** The fields before; undefined if the entity is created. */
  readonly before: EntityFields | undefined
  /** True for a caller who may not see every field, and so no figures. */
  readonly isConcealed?: boolean
}

/** Throws an ObjectError `validation_error` that names the field. Rules of fields that the change leaves as they are do not apply. */
export function checkBounds(schema: NounSchema, change: BoundChange): void {
  const { sums, bounds } = amountRulesOf(schema)
  const isChanged = (name: string): boolean =>
    change.before === undefined || !isSameJson(change.before[name], change.fields[name])
  for (const rule of sums) {
    if ([rule.field, ...fieldsInSum(rule.terms)].some(isChanged)) checkSum(schema, rule, change)
  }
  for (const bound of bounds) {
    const field = bound.fields.find(isChanged)
    if (field !== undefined) checkBound(bound, { ...change, field })
  }
}

/** Returns a sentence for each sum, bound and total that stored fields break. */
export function brokenBounds(schema: NounSchema, values: ExpressionValues): readonly string[] {
  const { sums, bounds, totals } = amountRulesOf(schema)
  const change = { ...values, before: undefined, operation: schema.name }
  return [
    ...sums.flatMap((rule) => refusalOf(() => checkSum(schema, rule, change))),
    ...[...bounds, ...totals].flatMap((bound) =>
      refusalOf(() => checkBound(bound, { ...change, field: bound.fields[0] ?? '' })),
    ),
  ]
}

function refusalOf(check: () => void): readonly string[] {
  try {
    check()
    return []
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    return [error.message]
  }
}

function checkSum(schema: NounSchema, { field, terms, text, isWhole }: SumRule, change: BoundChange): void {
  const { fields, operation } = change
  const expected = valueOfSum(terms, { fields, isWhole })
  if (typeof expected !== 'number') return
  const value = fields[field]
  const declared = schema.fields[field]
  const checked = isStored(declared) ? checkValue(declared, expected) : undefined
  if (checked?.ok === false) throw violation(operation, field, `is ${text}, which ${checked.message}`)
  if (value !== expected)
    throw violation(
      operation,
      field,
      change.isConcealed === true
        ? `is not ${text}`
        : `is ${shown(value)}, but ${describeSum(terms, { fields })} makes ${expected}`,
    )
}

function isStored(field: NounSchema['fields'][string] | undefined): field is StoredField {
  return field !== undefined && field.kind !== 'reverse'
}

export function isBoundHeld(bound: Bound, values: ExpressionValues): boolean {
  const { while: state } = bound
  if (state !== undefined && !state.values.includes(String(values.fields[state.field]))) return true
  const sides = bound.sides.map((side) => valueOfSum(side, values))
  return bound.comparisons.every((comparison, at) => holds(comparison, sides[at], sides[at + 1]))
}

function checkBound(bound: Bound, change: BoundChange & { readonly field: string }): void {
  const { fields, operation, field } = change
  if (isBoundHeld(bound, change)) return
  const state = bound.while
  const figures = bound.sides
    .filter((side) => side.some((term) => term.kind !== 'number'))
    .map((side) => describeSum(side, change))
  const when = state === undefined ? '' : ` while ${state.field} is ${String(fields[state.field])}`
  const shownFigures = change.isConcealed === true ? '' : `: ${figures.join(', ')}`
  throw violation(operation, field, `breaks the rule '${bound.text}'${when}${shownFigures}`)
}

/** Numbers compare as numbers, and times of one type as strings, since they are stored in UTC. A missing value holds. */
function holds(comparison: Comparison, left: JsonValue | undefined, right: JsonValue | undefined): boolean {
  const isComparable =
    (typeof left === 'number' && typeof right === 'number') || (typeof left === 'string' && typeof right === 'string')
  if (!isComparable) return true
  switch (comparison) {
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
    case '=':
      return left === right
    default:
      return unreachable(comparison)
  }
}

function violation(operation: string, field: string, message: string): ObjectError {
  return new ObjectError({
    code: 'validation_error',
    field,
    message: `${operation}: field '${field}' ${message}`,
    faults: [{ field, message }],
  })
}

function shown(value: JsonValue | undefined): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 60)
}
