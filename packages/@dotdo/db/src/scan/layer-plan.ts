// Plans, as data, which row groups of a Noun's layers can hold matches. It uses the id ranges of the files, statistics,
// bloom filters and reference indexes, the cheapest first. An omitted row group certainly holds no match.

import { compareText, type Filter, type NounSchema } from 'digital-objects'
import type { LayerFile, NounLayers } from '../layers/manifest.ts'
import { DamagedFile } from '../parquet/block-checksums.ts'
import { type Column, metaColumns } from '../parquet/columns.ts'
import type { OpenFile, OpenRowGroup } from '../parquet/open-file.ts'
import { planScan, pruneByBloomFilters } from '../parquet/scan-plan.ts'
import { findReferrers } from '../relations/find-related.ts'
import { type Candidates, findCandidates } from './candidates.ts'
import type { LayerFiles } from './layer-files.ts'

/** The row groups to read of one file. */
export interface FilePlan {
  /** 0 is the newest layer. All files of the base form one layer. */
  readonly layer: number
  readonly file: OpenFile
  /** Never empty. */
  readonly groups: readonly OpenRowGroup[]
  /** References whose index selected the row groups. */
  readonly byReferences: readonly string[]
  /** Superset of the rows of this file that can match; undefined if the filter does not restrict them. */
  readonly candidates: Candidates | undefined
}

export interface LayerPlanOptions {
  readonly files: LayerFiles
  readonly schema: NounSchema
  readonly layers: NounLayers
  readonly columns: ReadonlyMap<string, Column>
  /** The filter crosses no relation. */
  readonly filter: Filter
}

/** Reading a single row group is cheaper than asking an index about it. */
const indexedGroupsMin = 2
/**
 * With more values than this, bloom filters give too many false positives; an index is asked instead if there is one.
 */
const bloomValuesMax = 8

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
  // Bloom filters cost at most one request, and may leave too few row groups to be worth asking an index.
  const lateFields = ref.relations === undefined ? [] : longListFields(options.filter)
  const earlyColumns = plan.bloomColumns.filter((name) => !lateFields.includes(name))
  let groups = await pruneByBloomFilters({ ...plan, bloomColumns: earlyColumns }, options)
  if (groups.length < indexedGroupsMin) return { file, groups, byReferences: [], candidates: byId }
  const { byReferences, candidates } = await askIndex(ref, options)
  if (candidates !== undefined) groups = groupsWithCandidates(file, groups, candidates)
  const lateColumns = plan.bloomColumns.filter((name) => lateFields.includes(name) && !byReferences.includes(name))
  groups = await pruneByBloomFilters({ ...plan, groups, bloomColumns: lateColumns }, options)
  return { file, groups, byReferences, candidates }
}

/** Returns the fields that are compared with more than `bloomValuesMax` values. */
function longListFields(filter: Filter): readonly string[] {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.of.flatMap(longListFields)
  return filter.kind === 'in' && filter.values.length > bloomValuesMax ? [filter.path.field] : []
}

async function askIndex(
  ref: LayerFile,
  options: LayerPlanOptions,
): Promise<Pick<FilePlan, 'candidates' | 'byReferences'>> {
  const { schema, files, filter } = options
  const usedFields = new Set<string>()
  const candidates = await findCandidates(filter, {
    referrers: async (field, ends) => {
      if (ref.relations === undefined || !isReference(schema, field)) return undefined
      const index = await files.open(ref.relations)
      const found = await findReferrers(index, { field, ends })
      if (found === undefined) return undefined
      for (const row of found) {
        if (row >= ref.rows)
          throw new DamagedFile(ref.relations.key, `it names row ${row}, but the entity file has ${ref.rows} rows`)
      }
      usedFields.add(field)
      return found
    },
  })
  return { candidates, byReferences: candidates === undefined ? [] : [...usedFields] }
}

/** Returns the groups that can hold at least one of the candidates. */
function groupsWithCandidates(
  file: OpenFile,
  groups: readonly OpenRowGroup[],
  candidates: Candidates,
): readonly OpenRowGroup[] {
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

/** Whether any of the sorted values lies between `min` and `max`, both inclusive. */
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
