// Describes a value in an error message.

import { EntityNode, isList, isPrimitive, type Value } from './value.ts'

export function describeValue(value: Value): string {
  if (isPrimitive(value)) return typeof value === 'string' ? 'a string' : String(value)
  if (isList(value)) return 'a list'
  return value instanceof EntityNode ? `an entity (${value.schema.name})` : 'an object'
}
