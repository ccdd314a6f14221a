// The value that a field has in a new entity whose creator does not name it.

import type { JsonValue } from '../base/entity.ts'
import type { NounSchema } from './schema.ts'

export function initialValue({ fields }: NounSchema, name: string): JsonValue {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  return field !== undefined && 'default' in field ? (field.default ?? null) : null
}
