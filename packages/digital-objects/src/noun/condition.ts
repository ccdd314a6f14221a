// A condition of an effect: a test of one field of an entity, of one argument of the caller, or of an entity that an effect
// before may have named.

import type { EntityFields, JsonValue, Scalar } from '../base/entity.ts'

type Subject = { readonly field: string } | { readonly argument: string } | { readonly named: string }
type Test =
  | { readonly equals: Scalar }
  /** Also true without a value. */
  | { readonly not: Scalar }
  | { readonly in: readonly Scalar[] }
  /** Whether there is a value. */
  | { readonly has: boolean }

/** `{ field: 'channel', equals: 'Email' }`, `{ argument: 'plan', has: true }`. */
export type Condition = Subject & Test

/** A condition, or several that all have to hold. */
export type Conditions = Condition | readonly Condition[]

export interface ConditionValues {
  readonly fields: EntityFields
  readonly input: Readonly<Record<string, JsonValue>>
  /** Ids by their names, such as `$contact`. */
  readonly names?: ReadonlyMap<string, string>
}

export function holdsAll(conditions: Conditions | undefined, values: ConditionValues): boolean {
  return listConditions(conditions).every((condition) => holds(condition, values))
}

export function listConditions(conditions: Conditions | undefined): readonly Condition[] {
  if (conditions === undefined) return []
  return isList(conditions) ? conditions : [conditions]
}

/** Returns the condition as the end of a sentence: `channel is Email`. */
export function describeCondition(condition: Condition): string {
  const [kind, subject] = subjectOf(condition)
  const name = kind === 'argument' ? `the argument ${subject}` : subject
  if ('equals' in condition) return `${name} is ${condition.equals}`
  if ('not' in condition) return `${name} is not ${condition.not}`
  if ('in' in condition) return `${name} is ${condition.in.join(' or ')}`
  return condition.has ? `${name} is given` : `${name} is not given`
}

/** Returns the kind and the name of what the condition tests. */
export function subjectOf(condition: Condition): readonly [kind: 'stored field' | 'argument' | 'name', name: string] {
  if ('field' in condition) return ['stored field', condition.field]
  return 'argument' in condition ? ['argument', condition.argument] : ['name', condition.named]
}

function isList(conditions: Conditions): conditions is readonly Condition[] {
  return Array.isArray(conditions)
}

function holds(condition: Condition, values: ConditionValues): boolean {
  const value = valueOf(condition, values)
  if ('equals' in condition) return value === condition.equals
  if ('not' in condition) return value !== condition.not
  if ('in' in condition) return condition.in.some((one) => one === value)
  return (value !== undefined && value !== null) === condition.has
}

function valueOf(condition: Condition, { fields, input, names }: ConditionValues): JsonValue | undefined {
  if ('field' in condition) return own(fields, condition.field)
  return 'argument' in condition ? own(input, condition.argument) : names?.get(condition.named)
}

/** Reads own properties only: a caller may name an argument `constructor`. */
function own(values: Readonly<Record<string, JsonValue>>, name: string): JsonValue | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}
