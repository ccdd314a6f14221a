// Checks the deletion rules of a Noun's references against its fields, and parses rules that were sent as JSON.

import { deletionFates, type DeletionRule } from './deletion-rule.ts'
import { invalidDefinition } from './invalid-definition.ts'
import { isPlainObject } from '../base/is-object.ts'
import type { Field, NounSchema, ReferenceField } from './schema.ts'

const form = `one of ${deletionFates.join(', ')}, or an object such as {"restrictWhile":{"field":"status","values":["Active"]},"otherwise":"clear"}`

/** Throws an ObjectError `invalid_definition` that names the reference. */
export function checkDeletionRules({ name, fields, definition }: NounSchema): void {
  for (const [reference, rule] of Object.entries(definition.onDelete ?? {})) {
    const field = Object.hasOwn(fields, reference) ? fields[reference] : undefined
    if (field?.kind !== 'reference')
      throw invalidDefinition(
        `onDelete.${reference.slice(0, 64)}`,
        `${name}: '${reference.slice(0, 64)}' is not a reference`,
      )
    if (rule !== undefined) checkRule(name, { field, fields, rule })
  }
}

function checkRule(
  noun: string,
  part: {
    readonly field: ReferenceField
    readonly fields: Readonly<Record<string, Field>>
    readonly rule: DeletionRule
  },
): void {
  const { field, fields, rule } = part
  const place = `onDelete.${field.name}`
  const fate = typeof rule === 'string' ? rule : rule.otherwise
  if (fate === 'clear' && field.required)
    throw invalidDefinition(place, `${noun}: ${place} cannot clear ${field.name}, which is required`)
  if (typeof rule === 'string') return
  const state = Object.hasOwn(fields, rule.restrictWhile.field) ? fields[rule.restrictWhile.field] : undefined
  if (state?.kind !== 'enum' || state.many)
    throw invalidDefinition(
      place,
      `${noun}: ${place} expects an enum field, got '${rule.restrictWhile.field.slice(0, 64)}'`,
    )
  const unknown = rule.restrictWhile.values.find((value) => !state.values.includes(value))
  if (unknown !== undefined)
    throw invalidDefinition(
      place,
      `${noun}: ${place} expects values of ${state.name} (${state.values.join(', ')}), got '${unknown.slice(0, 64)}'`,
    )
}

/** Parses a rule that was sent as JSON. Throws an ObjectError `invalid_definition`. */
export function parseDeletionRule(
  { noun, field }: { readonly noun: string; readonly field: string },
  value: unknown,
): DeletionRule {
  const fate = deletionFates.find((one) => one === value)
  if (fate !== undefined) return fate
  const rule = isPlainObject(value) && hasOnly(value, ['restrictWhile', 'otherwise']) ? value : {}
  const state = rule['restrictWhile']
  const otherwise = deletionFates.find((one) => one === rule['otherwise'])
  if (
    otherwise !== undefined &&
    otherwise !== 'restrict' &&
    isPlainObject(state) &&
    hasOnly(state, ['field', 'values'])
  ) {
    const { field: name, values } = state
    if (
      typeof name === 'string' &&
      Array.isArray(values) &&
      values.length > 0 &&
      values.every((one) => typeof one === 'string')
    )
      return { restrictWhile: { field: name, values }, otherwise }
  }
  const got = (JSON.stringify(value) ?? 'nothing').slice(0, 80)
  throw invalidDefinition(field, `${noun.slice(0, 64)}: ${field} expects ${form}, got ${got}`)
}

function hasOnly(value: Readonly<Record<string, unknown>>, names: readonly string[]): boolean {
  return Object.keys(value).every((name) => names.includes(name))
}
