// Replaces conditions that cross relations by conditions on the entity itself: "whose organization is in Berlin"
// becomes "whose organization is one of these ids". Both say the same, because every leaf is positive and tests each
// related entity on its own.

import { type Filter, type FilterPath, storageClassOf, unreachable } from 'digital-objects'

/** Looks up the entities at the far end of one step. Both methods return undefined if there are too many. */
export interface RelatedValues {
  /** Returns the ids of the entities of `noun` that match. */
  readonly ids: (noun: string, filter: Filter) => Promise<readonly string[] | undefined>
  /** Returns the values of `field` in the entities of `noun` that match. */
  readonly references: (noun: string, field: string, filter: Filter) => Promise<readonly string[] | undefined>
}

/** Returns undefined if some relation leads to too many entities. */
export async function localizeFilter(filter: Filter, related: RelatedValues): Promise<Filter | undefined> {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const of: Filter[] = []
      // Sequential, since each part may run a scan of its own.
      for (const part of filter.of) {
        const local = await localizeFilter(part, related)
        if (local === undefined) return undefined
        of.push(local)
      }
      return { kind: filter.kind, of }
    }
    case 'not': {
      const of = await localizeFilter(filter.of, related)
      return of === undefined ? undefined : { kind: 'not', of }
    }
    case 'text':
      return filter
    case 'compare':
    case 'compareFields':
    case 'in':
    case 'exists':
    case 'regex':
      return localizeLeaf(filter, related)
    default:
      return unreachable(filter)
  }
}

type Leaf = Extract<Filter, { readonly path: FilterPath }>

async function localizeLeaf(leaf: Leaf, related: RelatedValues): Promise<Filter | undefined> {
  const [step, ...rest] = leaf.path.steps
  if (step === undefined) return leaf
  const beyond: Filter = { ...leaf, path: { ...leaf.path, steps: rest } }
  const { field } = step
  const values =
    field.kind === 'reference'
      ? await related.ids(step.to, beyond)
      : await related.references(step.to, field.by, beyond)
  if (values === undefined) return undefined
  const path: FilterPath =
    field.kind === 'reference'
      ? { steps: [], field: field.name, storage: storageClassOf(field), keys: [] }
      : { steps: [], field: '$id', storage: 'text', keys: [] }
  return { kind: 'in', path, values: [...new Set(values)] }
}

/** Returns the fields that a filter without relations reads. */
export function fieldsOf(filter: Filter, searchable: readonly string[]): readonly string[] {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.of.flatMap((part) => fieldsOf(part, searchable))
  if (filter.kind === 'not') return fieldsOf(filter.of, searchable)
  if (filter.kind === 'compareFields') return [filter.path.field, filter.other.field]
  return filter.kind === 'text' ? searchable : [filter.path.field]
}
