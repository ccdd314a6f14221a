// The path of a field that holds ids of other entities: one, or a list of them.

import type { NounSchema } from '../noun/schema.ts'
import type { FilterPath } from './filter.ts'

export function referencePath(schema: NounSchema, name: string): FilterPath {
  const field = Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined
  const storage = field?.kind === 'reference' && field.many ? 'text[]' : 'text'
  return { steps: [], field: name, storage, keys: [] }
}
