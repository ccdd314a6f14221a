// Fills after the creation: the target of a ticket follows its priority, and an invoice always has a currency.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { isSameJson } from '../base/canonical-json.ts'
import { valueForField, type VerbCall } from './apply-verb.ts'
import type { EffectValue } from '../noun/verb-effect.ts'
import { resolveEffect } from './resolve-effect.ts'

/**
 * Returns the fields with those filled again that need it:
 *
 * - one whose sources have changed, unless the caller sends it or it has another value than its fill gave it, since somebody has
 *   agreed on that value;
 * - one that the change clears although a setting of the tenant always fills it, such as a currency. Null stands for the default
 *   there, as it does at the creation.
 */
export function refilled(call: VerbCall, after: EntityFields): EntityFields {
  const { schema, current } = call
  if (current === undefined) return after
  let fields: Record<string, JsonValue> | undefined
  for (const [name, fill] of Object.entries(schema.fills)) {
    const field = schema.fields[name]
    if (field === undefined || field.kind === 'reverse') continue
    const fillFrom = (values: EntityFields): JsonValue =>
      resolveEffect(fill, { ...call, before: values, fields: values, value: undefined, valueSoFar: undefined }) ?? null
    const isCleared = isNeverEmpty(fill) && current[name] !== undefined && after[name] === undefined
    if (!isCleared && !isOutdated({ call, after, name, fill, fillFrom })) continue
    fields ??= { ...after }
    const value = valueForField(call, field, fillFrom(after))
    if (value === null) delete fields[name]
    else fields[name] = value
  }
  return fields ?? after
}

interface Filled {
  readonly call: VerbCall
  readonly after: EntityFields
  readonly name: string
  readonly fill: EffectValue
  readonly fillFrom: (values: EntityFields) => JsonValue
}

function isOutdated({ call: { current = {}, input }, after, name, fill, fillFrom }: Filled): boolean {
  if (fill.kind !== 'following' || Object.hasOwn(input, name)) return false
  if (fill.fields.every((source) => isSameJson(current[source], after[source]))) return false
  return isSameJson(current[name] ?? null, fillFrom(current))
}

function isNeverEmpty(fill: EffectValue): boolean {
  return fill.kind === 'setting' || (fill.kind === 'first' && fill.of.some(isNeverEmpty))
}
