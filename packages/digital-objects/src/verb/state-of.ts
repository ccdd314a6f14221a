// The state of an entity: the value of the field that its Noun names, or the default of an entity from before that field.

import type { EntityFields } from '../base/entity.ts'
import type { NounSchema } from '../noun/schema.ts'

/** Returns the default state for an entity from before the state field existed; undefined for no entity. */
export function stateOf(schema: NounSchema, fields: EntityFields | undefined): string | undefined {
  if (fields === undefined || schema.state === undefined) return undefined
  return textOf(fields[schema.state]) ?? defaultState(schema)
}

export function defaultState({ state, fields }: NounSchema): string | undefined {
  const field = state === undefined ? undefined : fields[state]
  return field?.kind === 'enum' ? textOf(field.default) : undefined
}

export function textOf(value: EntityFields[string] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
