// Which row groups of a Noun's layers can hold matches, as data: by the ids of the files, by statistics, by the indexes
// of references, and then by bloom filters, the cheapest first. What is left out holds no match for certain.

import { compareText, type Filter, type NounSchema } from 'digital-objects'
import type { LayerFile, NounLayers } from '../manifest.ts'
import { type Column, metaColumns } from '../parquet/columns.ts'
import type { OpenFile, OpenRowGroup } from '../parquet/open-file.ts'
import { planScan, pruneByBloomFilters } from '../parquet/scan-plan.ts'
import { findRelated } from '../relations/find-related.ts'
import { candidateIds } from './candidate-ids.ts'
import type { LayerFiles } from './layer-files.ts'

/** What is read of one file. */
export interface FilePlan {
  /** 0 is the newest; the files of the base are one layer. */
  readonly layer: number
  readonly file: OpenFile
  readonly groups: readonly OpenRowGroup[]
  /** The references whose index told which groups. */
  readonly byReferences: readonly string[]
}

export interface LayerPlanOptions {
  readonly files: LayerFiles
  readonly schema: NounSchema
  readonly layers: NounLayers
  readonly columns: ReadonlyMap<string, Column>
  /** Crosses no relation. */
  readonly filter: Filter
}

/** Fewer row groups are sooner read than an index that tells which of them. */
const indexedGroupsMin = 2

export async function planLayers(options: LayerPlanOptions): Promise<readonly FilePlan[]> {
  const { deltas, base } = options.layers
  const files = [
    ...deltas.toReversed().map((ref, layer) => ({ ref, layer })),
    ...base.map((ref) => ({ ref, layer: deltas.length })),
  ]
  const ids = await candidateIds(options.filter, { referrers: async () => undefined })
  const sorted = ids === undefined ? undefined : [...ids].toSorted(compareText)
  const plans = await Promise.all(
    files
      .filter(({ ref }) => sorted === undefined || hasBetween(sorted, ref.idMin, ref.idMax))
      .map(async ({ ref, layer }) => ({ layer, ...(await planFile(ref, options)) })),
  )
  return plans.filter(({ groups }) => groups.length > 0)
}

async function planFile(ref: LayerFile, options: LayerPlanOptions): Promise<Omit<FilePlan, 'layer'>> {
  const file = await options.files.open(ref)
  const plan = planScan(file, options)
  if (ref.relations === undefined || plan.groups.length < indexedGroupsMin)
    return { file, groups: await pruneByBloomFilters(plan, options), byReferences: [] }
  const { groups, byReferences } = await pruneByReferences(plan.groups, { ref, file, options })
  // What the index has told, its bloom filters need not tell again.
  const bloomColumns = plan.bloomColumns.filter((name) => !byReferences.includes(name))
  return { file, groups: await pruneByBloomFilters({ ...plan, groups, bloomColumns }, options), byReferences }
}

async function pruneByReferences(
  groups: readonly OpenRowGroup[],
  of: { readonly ref: LayerFile; readonly file: OpenFile; readonly options: LayerPlanOptions },
): Promise<Pick<FilePlan, 'groups' | 'byReferences'>> {
  const { ref, file, options } = of
  const { schema, files } = options
  const asked = new Set<string>()
  const ids = await candidateIds(options.filter, {
    referrers: async (field, ends) => {
      if (ref.relations === undefined || !isReference(schema, field)) return undefined
      const index = await files.open(ref.relations)
      const found = await findRelated(index, { noun: schema.name, field, ends, wanted: 'referrers' })
      if (found !== undefined) asked.add(field)
      return found
    },
  })
  if (ids === undefined) return { groups, byReferences: [] }
  const sorted = [...ids].toSorted(compareText)
  const [idColumn] = metaColumns
  const left = groups.filter((group) => {
    const { min, max } = file.statistics(idColumn, group.index) ?? { min: null, max: null }
    return typeof min !== 'string' || typeof max !== 'string' || hasBetween(sorted, min, max)
  })
  return { groups: left, byReferences: [...asked] }
}

function isReference(schema: NounSchema, field: string): boolean {
  return Object.hasOwn(schema.fields, field) && schema.fields[field]?.kind === 'reference'
}

/** Whether any of the sorted texts lies between the two, both included. */
function hasBetween(sorted: readonly string[], min: string, max: string): boolean {
  let [start, end] = [0, sorted.length]
  while (start < end) {
    const middle = (start + end) >>> 1
    if (compareText(sorted[middle] as string, min) < 0) start = middle + 1
    else end = middle
  }
  const first = sorted[start]
  return first !== undefined && compareText(first, max) <= 0
}
