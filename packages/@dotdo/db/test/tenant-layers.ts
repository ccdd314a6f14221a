// Writes a history to files: a base and deltas, cut wherever a test wants, and the manifest that names them.

import { compareText, type NounSchema } from 'digital-objects'
import fc from 'fast-check'
import { LayerWriter } from '../src/layers/layer-writer.ts'
import { LruCache } from '../src/scan/lru-cache.ts'
import { type LayerFile, type Manifest, noLayers, type NounLayers } from '../src/layers/manifest.ts'
import type { ObjectStore } from '../src/object-store/object-store.ts'
import { nounToColumns, numberFields } from '../src/parquet/columns.ts'
import type { EntityRow } from '../src/parquet/entity-row.ts'
import { rowGroupRowsMax } from '../src/parquet/file-writer.ts'
import type { FileCache } from '../src/scan/layer-files.ts'
import { anyHistory, type Change } from './tenant-history.ts'
import { kinds, schemas } from './tenant-nouns.ts'

/** A range of a Noun's events as one layer, with each entity's last state in it. */
export interface LayerPlan {
  /** Half-open: `afterSeq < seq <= throughSeq`. A layer that starts at 0 is the base and has no tombstones. */
  readonly afterSeq: number
  readonly throughSeq: number
}

export interface LayerShape {
  readonly groupRows: number
  readonly groupsPerFile: number
}

/** Layers come oldest first. Each entity's row is its last change within the layer's range. */
export async function putLayers(options: {
  readonly store: ObjectStore
  readonly schema: NounSchema
  readonly rows: readonly EntityRow[]
  readonly layers: readonly LayerPlan[]
  readonly shape: LayerShape
  readonly folder?: string
  readonly fields?: NounLayers['fields']
}): Promise<NounLayers> {
  const { store, schema, rows, layers, shape, folder = `acme/entities/${schema.name}` } = options
  const fields = numberFields(schema, options.fields ?? [])
  let [base, deltas]: [readonly LayerFile[], readonly LayerFile[]] = [[], []]
  for (const { afterSeq, throughSeq } of layers) {
    const last = new Map<string, EntityRow>()
    for (const row of rows) if (row.seq > afterSeq && row.seq <= throughSeq) last.set(row.id, row)
    const written = [...last.values()].filter((row) => afterSeq > 0 || !row.isDeleted)
    const writer = new LayerWriter({
      store,
      columns: nounToColumns(schema, fields),
      keyOf: (part) => `${folder}/${afterSeq}-${throughSeq}-${part}.parquet`,
      afterSeq,
      throughSeq,
      noun: schema,
      willPut: () => {},
      relationGroupRows: Math.min(4 * shape.groupRows, rowGroupRowsMax),
      rowsMax: shape.groupRows * shape.groupsPerFile,
    })
    const sorted = written.toSorted((a, b) => compareText(a.id, b.id))
    for (let at = 0; at < sorted.length; at += shape.groupRows)
      await writer.addGroup(sorted.slice(at, at + shape.groupRows))
    if (afterSeq === 0) base = await writer.finish()
    else deltas = [...deltas, ...(await writer.finish())]
  }
  const alive = new Map<string, boolean>()
  for (const row of rows) if (row.seq <= (layers.at(-1)?.throughSeq ?? 0)) alive.set(row.id, !row.isDeleted)
  const entities = [...alive.values()].filter((lives) => lives).length
  return { ...noLayers, fields, entities, base, baseSeq: layers[0]?.throughSeq ?? 0, deltas }
}

export function manifestOf(nouns: Manifest['nouns'], seq = 1): Manifest {
  return {
    tenant: 'acme',
    epoch: 'e1',
    revision: 1,
    definitions: [],
    stale: [],
    seq,
    madeAt: '2026-01-01T00:00:00.000Z',
    nouns,
    events: { version: 0, throughSeq: 0 },
  }
}

/** A history and the way it is cut into files. */
export interface Tenant {
  readonly changes: readonly Change[]
  /** For each Noun, the positions of its cuts as percentages of the history. */
  readonly cuts: readonly (readonly number[])[]
  readonly shape: LayerShape
  /** Capacity of the file cache; 0 caches nothing. */
  readonly cacheWeightMax: number
}

/** Shortens the value in failure messages. Its seed and path reproduce it. */
export function briefly<Value extends object>(value: Value): Value {
  const text = JSON.stringify(value)
  return Object.assign(value, {
    [fc.toStringMethod]: () => (text.length < 2_000 ? text : `${text.slice(0, 200)}… (${text.length} characters)`),
  })
}

export const anyTenant: fc.Arbitrary<Tenant> = fc
  .record({
    changes: anyHistory({ min: 40, max: 220 }),
    cuts: fc.array(fc.array(fc.nat(100), { maxLength: 5 }), { minLength: kinds.length, maxLength: kinds.length }),
    shape: fc.record({ groupRows: fc.constantFrom(1, 1, 2, 3, 8, 50), groupsPerFile: fc.constantFrom(1, 2, 5) }),
    cacheWeightMax: fc.constantFrom(2 ** 26, 2 ** 26, 2 ** 26, 20_000, 0),
  })
  .map(briefly)

/** A base up to the first cut and a delta up to each later one. A repeated cut makes an empty layer. */
function plansOf(cuts: readonly number[], seq: number): readonly LayerPlan[] {
  const ends = [...cuts.map((share) => Math.floor((share * seq) / 100)).toSorted((a, b) => a - b), seq]
  return ends.map((throughSeq, at) => ({ afterSeq: ends[at - 1] ?? 0, throughSeq }))
}

export async function putTenant(store: ObjectStore, tenant: Tenant): Promise<Manifest> {
  const { changes, cuts, shape } = tenant
  const seq = changes.length
  const nouns = await Promise.all(
    kinds.map(async (kind, at) => {
      const rows = changes.filter((change) => change.kind === kind).map(({ row }) => row)
      const layers = plansOf(cuts[at] ?? [], seq)
      return [kind, await putLayers({ store, schema: schemas[kind], rows, layers, shape })] as const
    }),
  )
  return manifestOf(Object.fromEntries(nouns), seq)
}

export function fileCache(weightMax = 2 ** 26): FileCache {
  const made = <Value>(): LruCache<Value> => new LruCache(weightMax)
  return { files: made(), ids: made(), columns: made(), totals: made() }
}
