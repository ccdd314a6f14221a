// Fills that follow other fields: the target of a ticket follows its priority.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { isSameJson } from '../base/canonical-json.ts'
import { valueForField, type VerbCall } from './apply-verb.ts'
import { resolveEffect } from './resolve-effect.ts'

/**
 * Returns the fields with those filled again whose sources have changed. A field that the caller sends, or that has another
 * value than its fill gave it, is left as it is: somebody has agreed on it.
 */
export function refilled(call: VerbCall, after: EntityFields): EntityFields {
  const { schema, current } = call
  if (current === undefined) return after
  let fields: Record<string, JsonValue> | undefined
  for (const [name, fill] of Object.entries(schema.fills)) {
    const field = schema.fields[name]
    if (fill.kind !== 'following' || field === undefined || field.kind === 'reverse') continue
    if (Object.hasOwn(call.input, name)) continue
    if (fill.fields.every((source) => isSameJson(current[source], after[source]))) continue
    const filled = (values: EntityFields): JsonValue =>
      resolveEffect(fill, { ...call, before: values, fields: values, value: undefined, valueSoFar: undefined }) ?? null
    if (!isSameJson(current[name] ?? null, filled(current))) continue
    fields ??= { ...after }
    const value = valueForField(call, field, filled(after))
    if (value === null) delete fields[name]
    else fields[name] = value
  }
  return fields ?? after
}
