// Which files are the entities of a tenant at one point of its log. The truth of it is in the tenant's object; what is
// published in the object store is a copy, put there after the files, so that a manifest never names one that is not.

import { parseJson } from 'digital-objects'
import { checksum, DamagedFile } from '../parquet/block-checksums.ts'
import type { FieldNumber } from '../parquet/columns.ts'
import type { FileRef } from '../parquet/open-file.ts'

export const manifestFormat = 1

export interface Manifest {
  readonly tenant: string
  /** Made with the log; another one is another log. */
  readonly epoch: string
  /** Steps with each manifest of the tenant. */
  readonly revision: number
  /** Events up to here are in the files. */
  readonly seq: number
  /** When it was made, RFC 3339. */
  readonly madeAt: string
  readonly nouns: Readonly<Record<string, NounLayers>>
  readonly events: EventsLayer
}

/** A newer layer hides what an older one says of an entity: the newest delta first, the base last. */
export interface NounLayers {
  /** Every number that was ever given, those of fields that are gone too. */
  readonly fields: readonly FieldNumber[]
  /** Entities that live. */
  readonly entities: number
  /** Sorted by id, no two with an id in common. */
  readonly base: readonly LayerFile[]
  /** The base holds no change after this event. */
  readonly baseSeq: number
  /** Oldest first; each takes up where the one before ends, or is one more file of the same events. */
  readonly deltas: readonly LayerFile[]
}

export interface LayerFile extends FileRef {
  readonly idMin: string
  readonly idMax: string
  /** Events that it covers, half-open from below: `afterSeq < seq <= throughSeq`. */
  readonly afterSeq: number
  readonly throughSeq: number
  /** The index of its references; absent when it has none. */
  readonly relations?: FileRef
}

/** The Iceberg table of the log. */
export interface EventsLayer {
  /** The number of the metadata file, 0 while there is none. */
  readonly version: number
  /** Events up to here are in it. */
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

/**
 * Throws a DamagedFile for what `formatManifest` did not write, or not so; and an Error for a manifest of another format,
 * which a newer program wrote.
 */
export function parseManifest(text: string, key: string): Manifest {
  const parsed = parseJson(text, () => new DamagedFile(key, 'it is not JSON'))
  if (typeof parsed !== 'object' || parsed === null || !('format' in parsed) || typeof parsed.format !== 'number')
    throw new DamagedFile(key, 'it is no manifest')
  if (parsed.format !== manifestFormat)
    throw new Error(`manifest '${key}' has format ${parsed.format}; this program knows ${manifestFormat}`)
  if (!('manifest' in parsed) || !('checksum' in parsed)) throw new DamagedFile(key, 'it is no manifest')
  if (checksum(new TextEncoder().encode(JSON.stringify(parsed.manifest))) !== parsed.checksum)
    throw new DamagedFile(key, 'it does not have its checksum')
  return parsed.manifest as Manifest // its checksum says that `formatManifest` wrote it
}

/** The files of entities that a manifest names, and their indexes. */
export function filesOf(manifest: Manifest): readonly string[] {
  return Object.values(manifest.nouns).flatMap(({ base, deltas }) => [...base, ...deltas].flatMap(keysOf))
}

/** A file of a layer and its index. */
export function keysOf({ key, relations }: LayerFile): readonly string[] {
  return relations === undefined ? [key] : [key, relations.key]
}
