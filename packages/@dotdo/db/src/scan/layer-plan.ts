// Which row groups of a Noun's layers can hold matches, as data: by the ids of the files, by statistics, by bloom filters
// and by the indexes of references, the cheapest first. What is left out holds no match for certain.

import { compareText, type Filter, type NounSchema } from 'digital-objects'
import type { LayerFile, NounLayers } from '../manifest.ts'
import { DamagedFile } from '../parquet/block-checksums.ts'
import { type Column, metaColumns } from '../parquet/columns.ts'
import type { OpenFile, OpenRowGroup } from '../parquet/open-file.ts'
import { planScan, pruneByBloomFilters } from '../parquet/scan-plan.ts'
import { findReferrers } from '../relations/find-related.ts'
import { type Candidates, findCandidates } from './candidates.ts'
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
  /** All that may match in this file; undefined when nothing tells. */
  readonly candidates: Candidates | undefined
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
  const byId = await findCandidates(options.filter, { referrers: async () => undefined })
  const sorted = byId === undefined ? undefined : [...byId.ids].toSorted(compareText)
  const plans = await Promise.all(
    files
      .filter(
        ({ ref }) =>
          sorted === undefined || hasBetween(sorted, { min: ref.idMin, max: ref.idMax, compare: compareText }),
      )
      .map(async ({ ref, layer }) => ({ layer, ...(await planFile(ref, byId, options)) })),
  )
  return plans.filter(({ groups }) => groups.length > 0)
}

async function planFile(
  ref: LayerFile,
  byId: FilePlan['candidates'],
  options: LayerPlanOptions,
): Promise<Omit<FilePlan, 'layer'>> {
  const file = await options.files.open(ref)
  const plan = planScan(file, options)
  // Bloom filters are one request at most, and after them there may be too little left to ask an index about.
  const late = ref.relations === undefined ? [] : longListed(options.filter)
  const early = plan.bloomColumns.filter((name) => !late.includes(name))
  let groups = await pruneByBloomFilters({ ...plan, bloomColumns: early }, options)
  if (groups.length < indexedGroupsMin) return { file, groups, byReferences: [], candidates: byId }
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
  const candidates = await findCandidates(filter, {
    referrers: async (field, ends) => {
      if (ref.relations === undefined || !isReference(schema, field)) return undefined
      const index = await files.open(ref.relations)
      const found = await findReferrers(index, { field, ends })
      if (found === undefined) return undefined
      for (const row of found) {
        if (row >= ref.rows) throw new DamagedFile(ref.relations.key, `it names row ${row} of ${ref.rows}`)
      }
      asked.add(field)
      return found
    },
  })
  return { candidates, byReferences: candidates === undefined ? [] : [...asked] }
}

/** Those that can hold one of them. */
function groupsOf(file: OpenFile, groups: readonly OpenRowGroup[], candidates: Candidates): readonly OpenRowGroup[] {
  const [idColumn] = metaColumns
  const ids = [...candidates.ids].toSorted(compareText)
  const rows = [...candidates.rows].toSorted((a, b) => a - b)
  return groups.filter(({ index, rowStart, rowEnd }) => {
    if (hasBetween(rows, { min: rowStart, max: rowEnd - 1, compare: (a, b) => a - b })) return true
    const { min, max } = file.statistics(idColumn, index) ?? { min: null, max: null }
    return (
      ids.length > 0 &&
      (typeof min !== 'string' || typeof max !== 'string' || hasBetween(ids, { min, max, compare: compareText }))
    )
  })
}

function isReference(schema: NounSchema, field: string): boolean {
  return Object.hasOwn(schema.fields, field) && schema.fields[field]?.kind === 'reference'
}

/** Whether any of the sorted values lies between the two, both included. */
function hasBetween<Value>(
  sorted: readonly Value[],
  range: { readonly min: Value; readonly max: Value; readonly compare: (a: Value, b: Value) => number },
): boolean {
  const { min, max, compare } = range
  let [start, end] = [0, sorted.length]
  while (start < end) {
    const middle = (start + end) >>> 1
    if (compare(sorted[middle] as Value, min) < 0) start = middle + 1
    else end = middle
  }
  const first = sorted[start]
  return first !== undefined && compare(first, max) <= 0
}
