// What a pipeline's step `load` answers: its outer shape is checked, the rows are the server's own.

import { type LoadedItem, isObject } from 'digital-objects'
import { HeadlesslyError } from '../headlessly-error.ts'

interface LoadedRelations {
  /** The names of all relations, by the type of the entities that have them. */
  readonly relations: Readonly<Record<string, readonly string[]>>
}

/** Of a list, or of one value. */
export type Loaded = LoadedRelations & ({ readonly items: readonly LoadedItem[] } | { readonly item: LoadedItem })

export function parseLoaded(value: unknown): Loaded {
  if (isObject(value) && isObject(value['relations'])) {
    const relations = value['relations'] as Loaded['relations']
    const { items, item } = value
    if (Array.isArray(items)) return { items: items as readonly LoadedItem[], relations }
    if (isObject(item)) return { item: item as unknown as LoadedItem, relations }
  }
  throw new HeadlesslyError({
    code: 'unexpected_answer',
    message: 'expected what a pipeline has loaded from the server',
  })
}
