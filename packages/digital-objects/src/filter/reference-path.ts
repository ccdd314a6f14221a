// The filter path of a reference field, which holds one id or a list of ids.

import type { NounSchema } from '../noun/schema.ts'
import type { FilterPath } from './filter.ts'

export function referencePath(schema: NounSchema, name: string): FilterPath {
  const field = Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined
  const storage = field?.kind === 'reference' && field.many ? 'text[]' : 'text'
  return { steps: [], field: name, storage, keys: [] }
}
