// The filter for the entities that refer to a given id.

import { type Filter, type NounSchema, referencePath } from 'digital-objects'

/** `schema` is the Noun that has the reference `by`. A list of references matches if it contains the id. */
export function referenceFilter(schema: NounSchema, { by, id }: { readonly by: string; readonly id: string }): Filter {
  return { kind: 'compare', path: referencePath(schema, by), op: 'eq', value: id }
}
