// The filter that selects the entities which refer to one entity by one field.

import type { Filter } from 'digital-objects'

export function referenceFilter({ by, id }: { readonly by: string; readonly id: string }): Filter {
  return { kind: 'compare', path: { steps: [], field: by, storage: 'text', keys: [] }, op: 'eq', value: id }
}
