// The contacts of `lake-rows.ts` as a tenant's files: a base and four deltas on top of it, as a flush leaves them.

import { type NounSchema, nouns } from 'digital-objects'
import {
  type EntityRow,
  type FileCache,
  type LayerFile,
  LayerWriter,
  LruCache,
  nounToColumns,
  noLayers,
  numberFields,
  rowGroupRowsMax,
  Snapshot,
} from '@dotdo/db'
import { CountingObjectStore } from '../packages/@dotdo/db/test/entity-files.ts'
import { baseSeq, type ContactRows, deltas, deltaSeqs } from './lake-rows.ts'

export const schema: NounSchema = nouns.Contact.$schema
export const fields = numberFields(schema, [])
export const columns = nounToColumns(schema, fields)
const cacheBytes = 64 * 2 ** 20

export interface Lake {
  readonly rows: ContactRows
  readonly count: number
  readonly store: CountingObjectStore
  readonly base: readonly LayerFile[]
  readonly deltas: readonly LayerFile[]
}

export async function writeLake(rows: ContactRows, count: number): Promise<Lake> {
  const store = new CountingObjectStore()
  const writer = layerWriter(store, 'base', { afterSeq: 0, throughSeq: baseSeq(count) })
  await addRows(writer, function* () {
    for (let at = 0; at < count; at++) yield rows.base(at)
  })
  const base = await writer.finish()
  const layers: LayerFile[] = []
  for (let delta = 0; delta < deltas; delta++) {
    const writer = layerWriter(store, `delta-${delta}`, deltaSeqs(count, delta))
    await addRows(writer, () => rows.delta(count, delta))
    layers.push(...(await writer.finish()))
  }
  return { rows, count, store, base, deltas: layers }
}

/** Files stay open only within the given cache. */
export function snapshotOf(lake: Lake, cache: FileCache = coldCache()): Snapshot {
  return new Snapshot({
    store: lake.store,
    cache,
    lookup: lookupNoun,
    regex: () => {
      throw new Error('unexpected regular expression in a filter')
    },
    manifest: {
      tenant: 'bench',
      epoch: 'bench',
      revision: 1,
      definitions: [],
      stale: [],
      seq: lake.deltas.at(-1)?.throughSeq ?? baseSeq(lake.count),
      madeAt: '2026-01-01T00:00:00.000Z',
      nouns: { [schema.name]: { ...noLayers, fields, entities: lake.count, base: lake.base, deltas: lake.deltas } },
      events: { version: 0, throughSeq: 0 },
    },
  })
}

export function coldCache(): FileCache {
  return { files: new LruCache(cacheBytes), ids: new LruCache(cacheBytes) }
}

export function lookupNoun(name: string): NounSchema | undefined {
  return Object.values(nouns).find(({ $schema }) => $schema.name === name)?.$schema
}

function layerWriter(
  store: CountingObjectStore,
  name: string,
  seqs: { readonly afterSeq: number; readonly throughSeq: number },
): LayerWriter {
  return new LayerWriter({
    store,
    columns,
    keyOf: (part) => `bench/Contact/${name}-${part}.parquet`,
    ...seqs,
    noun: schema,
    willPut: () => {},
  })
}

async function addRows(writer: LayerWriter, rows: () => Iterable<EntityRow>): Promise<void> {
  let group: EntityRow[] = []
  for (const row of rows()) {
    group.push(row)
    if (group.length < rowGroupRowsMax) continue
    await writer.addGroup(group)
    group = []
  }
  if (group.length > 0) await writer.addGroup(group)
}
