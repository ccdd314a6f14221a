// Conditions that cross relations, turned into conditions on the entity itself: "whose organization is in Berlin"
// becomes "whose organization is one of these". Every leaf is positive and looks at each related entity alone, so the
// two say the same.

import { type Filter, type FilterPath, unreachable } from 'digital-objects'

/** Ids of one step's far side, or references held there. Undefined when there are too many. */
export interface RelatedValues {
  /** Ids of the entities of `noun` that match. */
  readonly ids: (noun: string, filter: Filter) => Promise<readonly string[] | undefined>
  /** Values of `field` of the entities of `noun` that match. */
  readonly references: (noun: string, field: string, filter: Filter) => Promise<readonly string[] | undefined>
}

/** Undefined when some relation leads to too many entities. */
export async function localizeFilter(filter: Filter, related: RelatedValues): Promise<Filter | undefined> {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const of: Filter[] = []
      // One after the other: each may be a scan of its own.
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
  const own = field.kind === 'reference' ? field.name : '$id'
  return { kind: 'in', path: { steps: [], field: own, storage: 'text', keys: [] }, values: [...new Set(values)] }
}

/** The fields that a filter without relations looks at. */
export function fieldsOf(filter: Filter, searchable: readonly string[]): readonly string[] {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.of.flatMap((part) => fieldsOf(part, searchable))
  if (filter.kind === 'not') return fieldsOf(filter.of, searchable)
  return filter.kind === 'text' ? searchable : [filter.path.field]
}
