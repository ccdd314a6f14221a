// A history as files: a base and deltas, cut wherever a test likes, and the manifest that names them.

import { compareText, type NounSchema } from 'digital-objects'
import { LayerWriter } from '../src/layer-writer.ts'
import { type LayerFile, type Manifest, noLayers, type NounLayers } from '../src/manifest.ts'
import type { ObjectStore } from '../src/object-store/object-store.ts'
import { nounToColumns, numberFields } from '../src/parquet/columns.ts'
import type { EntityRow } from '../src/parquet/entity-row.ts'
import { rowGroupRowsMax } from '../src/parquet/file-writer.ts'

/** A stretch of a Noun's rows as one layer, in the state of its end. */
export interface LayerPlan {
  /** Half-open from below: `afterSeq < seq <= throughSeq`. A layer from 0 on is the base and has no tombstones. */
  readonly afterSeq: number
  readonly throughSeq: number
}

export interface LayerShape {
  readonly groupRows: number
  readonly groupsPerFile: number
}

/** Layers oldest first; the last change of each entity in a stretch makes its row. */
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
    seq,
    madeAt: '2026-01-01T00:00:00.000Z',
    nouns,
    events: { version: 0, throughSeq: 0 },
  }
}
