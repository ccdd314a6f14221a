// The manifest: the files that hold a tenant's entities at one point of its log. The original is in the tenant's
// object. The object store holds a copy, which is put after the files it names, so that no manifest names a missing
// file.

import { type CatalogEntry, parseJson } from 'digital-objects'
import { checksum, DamagedFile } from '../parquet/block-checksums.ts'
import type { FieldNumber } from '../parquet/columns.ts'
import type { FileRef } from '../parquet/open-file.ts'

/** Format 1 had neither `definitions` nor `stale`. */
export const manifestFormat = 2

export interface Manifest {
  readonly tenant: string
  /** Identifies the log, and is made together with it. Another epoch means another log. */
  readonly epoch: string
  /** Increases with each manifest of the tenant. */
  readonly revision: number
  /** The files include all events up to here. */
  readonly seq: number
  /** The time at which the manifest was made, RFC 3339. */
  readonly madeAt: string
  readonly nouns: Readonly<Record<string, NounLayers>>
  /** The definitions that the files are read by: the tenant's own Nouns, and its additions to built-in ones. */
  readonly definitions: readonly CatalogEntry[]
  /** Nouns whose files lack something that the log says. The tenant's object answers for them. */
  readonly stale: readonly string[]
  readonly events: EventsLayer
}

/** A newer layer hides an entity's rows in older ones. The newest delta comes first, the base last. */
export interface NounLayers {
  /** All numbers ever given to fields, including those of removed fields. */
  readonly fields: readonly FieldNumber[]
  /** Number of live entities. */
  readonly entities: number
  /** Sorted by id, with disjoint id ranges. */
  readonly base: readonly LayerFile[]
  /** The base holds no change after this event. */
  readonly baseSeq: number
  /** Oldest first. Each delta starts where the previous one ends, or is another file of the same events. */
  readonly deltas: readonly LayerFile[]
}

export interface LayerFile extends FileRef {
  readonly idMin: string
  readonly idMax: string
  /** The events that the file covers, half-open: `afterSeq < seq <= throughSeq`. */
  readonly afterSeq: number
  readonly throughSeq: number
  /** The relation index; absent if the file has no references. */
  readonly relations?: FileRef
}

/** The Iceberg table of the log. */
export interface EventsLayer {
  /** The version of the table's metadata file; 0 if there is none yet. */
  readonly version: number
  /** The table includes all events up to here. */
  readonly throughSeq: number
}

export const noLayers: NounLayers = { fields: [], entities: 0, base: [], baseSeq: 0, deltas: [] }

export function manifestKey(tenant: string): string {
  return `${tenant}/manifest.json`
}

export function formatManifest(manifest: Manifest): string {
  const text = JSON.stringify(manifest)
  return `{"format":${manifestFormat},"checksum":${checksum(new TextEncoder().encode(text))},"manifest":${text}}`
}

/** Throws a DamagedFile if the text is not an intact manifest, and an Error if its format is a newer one. */
export function parseManifest(text: string, key: string): Manifest {
  const parsed = parseJson(text, () => new DamagedFile(key, 'it is not JSON'))
  if (typeof parsed !== 'object' || parsed === null || !('format' in parsed) || typeof parsed.format !== 'number')
    throw new DamagedFile(key, 'it is not a manifest')
  if (parsed.format !== 1 && parsed.format !== manifestFormat)
    throw new Error(`manifest '${key}' has format ${parsed.format}; this program knows 1 to ${manifestFormat}`)
  if (!('manifest' in parsed) || !('checksum' in parsed)) throw new DamagedFile(key, 'it is not a manifest')
  if (checksum(new TextEncoder().encode(JSON.stringify(parsed.manifest))) !== parsed.checksum)
    throw new DamagedFile(key, 'its checksum does not match')
  return upgradeManifest(parsed.manifest as StoredManifest) // the checksum proves that `formatManifest` wrote it
}

/** A manifest of any format. */
export type StoredManifest = Omit<Manifest, 'definitions' | 'stale'> & Partial<Manifest>

export function upgradeManifest(manifest: StoredManifest): Manifest {
  return { ...manifest, definitions: manifest.definitions ?? [], stale: manifest.stale ?? [] }
}

/** Returns the entity files that a manifest names, and their relation indexes. */
export function filesOf(manifest: Manifest): readonly string[] {
  return Object.values(manifest.nouns).flatMap(({ base, deltas }) => [...base, ...deltas].flatMap(keysOf))
}

/** Returns the keys of a layer file and of its relation index. */
export function keysOf({ key, relations }: LayerFile): readonly string[] {
  return relations === undefined ? [key] : [key, relations.key]
}
