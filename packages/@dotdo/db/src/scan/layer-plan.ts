// Which row groups of a Noun's layers can hold matches, as data: by the ids of the files, by statistics, by bloom filters
// and by the indexes of references, the cheapest first. What is left out holds no match for certain.

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
  /** Never empty. */
  readonly groups: readonly OpenRowGroup[]
  /** The references whose index told which groups. */
  readonly byReferences: readonly string[]
  /** All ids that may match in this file; undefined when nothing tells. */
  readonly candidates: ReadonlySet<string> | undefined
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
/** For more values than these, bloom filters say yes wrongly too often: where there is an index, it is asked instead. */
const probedValuesMax = 8

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
      .map(async ({ ref, layer }) => ({ layer, ...(await planFile(ref, ids, options)) })),
  )
  return plans.filter(({ groups }) => groups.length > 0)
}

async function planFile(
  ref: LayerFile,
  ids: FilePlan['candidates'],
  options: LayerPlanOptions,
): Promise<Omit<FilePlan, 'layer'>> {
  const file = await options.files.open(ref)
  const plan = planScan(file, options)
  // Bloom filters are one request at most, and after them there may be too little left to ask an index about.
  const late = ref.relations === undefined ? [] : longListed(options.filter)
  const early = plan.bloomColumns.filter((name) => !late.includes(name))
  let groups = await pruneByBloomFilters({ ...plan, bloomColumns: early }, options)
  if (groups.length < indexedGroupsMin) return { file, groups, byReferences: [], candidates: ids }
  const { byReferences, candidates } = await askIndex(ref, options)
  if (candidates !== undefined) groups = groupsOf(file, groups, candidates)
  const left = plan.bloomColumns.filter((name) => late.includes(name) && !byReferences.includes(name))
  groups = await pruneByBloomFilters({ ...plan, groups, bloomColumns: left }, options)
  return { file, groups, byReferences, candidates }
}

/** Fields that are compared with many values. */
function longListed(filter: Filter): readonly string[] {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.of.flatMap(longListed)
  return filter.kind === 'in' && filter.values.length > probedValuesMax ? [filter.path.field] : []
}

async function askIndex(
  ref: LayerFile,
  options: LayerPlanOptions,
): Promise<Pick<FilePlan, 'candidates' | 'byReferences'>> {
  const { schema, files, filter } = options
  const asked = new Set<string>()
  const candidates = await candidateIds(filter, {
    referrers: async (field, ends) => {
      if (ref.relations === undefined || !isReference(schema, field)) return undefined
      const index = await files.open(ref.relations)
      const found = await findRelated(index, { noun: schema.name, field, ends, wanted: 'referrers' })
      if (found !== undefined) asked.add(field)
      return found
    },
  })
  return { candidates, byReferences: candidates === undefined ? [] : [...asked] }
}

/** Those that can hold one of the ids. */
function groupsOf(file: OpenFile, groups: readonly OpenRowGroup[], ids: ReadonlySet<string>): readonly OpenRowGroup[] {
  const [idColumn] = metaColumns
  const sorted = [...ids].toSorted(compareText)
  return groups.filter((group) => {
    const { min, max } = file.statistics(idColumn, group.index) ?? { min: null, max: null }
    return typeof min !== 'string' || typeof max !== 'string' || hasBetween(sorted, min, max)
  })
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
