// Plans, as data, how a Noun's Iceberg table follows the manifest. A small Noun is one file, written again with each change.
// The table of a larger one names the layers, and position deletes hide the rows that newer layers replace.

import type { LayerFile, Manifest, NounLayers } from '@dotdo/db'
import type { TableFile, TablePosition } from './noun-table-state.ts'

/** Bytes of layers, compressed. Rewriting them takes a fraction of a second. */
const wholeBytesMax = 2 ** 20

/** The state that the table has to reach. */
export interface WantedTable {
  readonly kind: TablePosition['kind']
  readonly root: string
  readonly columns: string
}

/** A table that has layers becomes a whole file again at half the size, so that it does not alternate. */
export function kindOf(
  layers: NounLayers,
  { before, wholeRows }: { readonly before: TablePosition['kind'] | undefined; readonly wholeRows: number },
): TablePosition['kind'] {
  if (wholeRows === 0) return 'layers'
  const share = before === 'layers' ? 0.5 : 1
  const files = [...layers.base, ...layers.deltas]
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  return layers.entities <= wholeRows * share && bytes <= wholeBytesMax * share ? 'whole' : 'layers'
}

/** Whether all layers lie in the folder of the table. Those of before there were tables do not, until a base replaces them. */
export function isInFolder(layers: NounLayers, folder: string): boolean {
  return [...layers.base, ...layers.deltas].every(({ key }) => key.startsWith(`${folder}/`))
}

/** The last event that may have changed an entity of the layers. */
export function lastSeqOf({ baseSeq, deltas }: NounLayers): number {
  return Math.max(baseSeq, deltas.at(-1)?.throughSeq ?? 0)
}

/** Whether the table differs from what the manifest says. */
export function isTableDue(position: TablePosition, layers: NounLayers, wanted: WantedTable): boolean {
  if (position.pending !== undefined || position.isNew || position.version === 0 || position.seq < 0) return true
  if (position.kind !== wanted.kind || position.root !== wanted.root || position.columns !== wanted.columns) return true
  if (wanted.kind === 'whole') return lastSeqOf(layers) > position.seq
  const [named, files] = [position.files, [...layers.base, ...layers.deltas]]
  return named.length !== files.length || files.some(({ key }, at) => named[at]?.key !== key)
}

/** A file of the next snapshot: with its deletes as they are, or with those that have to be found in the older files. */
export type PlannedFile =
  | { readonly kind: 'kept'; readonly file: TableFile }
  | { readonly kind: 'base'; readonly file: LayerFile }
  | { readonly kind: 'searched'; readonly file: LayerFile; readonly older: readonly LayerFile[] }

/** A file keeps its deletes as long as all older files are the same. */
export function planLayers(position: TablePosition, layers: NounLayers, wanted: WantedTable): readonly PlannedFile[] {
  const isContinued = position.kind === 'layers' && !position.isNew && position.root === wanted.root
  const before = isContinued && position.seq >= 0 ? position.files : []
  const files = [...layers.base, ...layers.deltas]
  const different = files.findIndex(({ key }, at) => before[at]?.key !== key)
  const firstChanged = different === -1 ? files.length : different
  return files.map((file, at): PlannedFile => {
    const known = before[at]
    if (at < firstChanged && known !== undefined) return { kind: 'kept', file: known }
    // A base has no tombstones, and its files have no ids in common.
    if (at < layers.base.length) return { kind: 'base', file }
    const older = files.slice(0, at).filter((other, index) => index < layers.base.length || !isSibling(other, file))
    return { kind: 'searched', file, older }
  })
}

/** Files of one delta have no ids in common. A base reaches from the first event. */
function isSibling(other: LayerFile, file: LayerFile): boolean {
  return other.afterSeq === file.afterSeq && other.throughSeq === file.throughSeq
}

/** Whether no event lies between the table and the layers, so that only their files differ. */
export function isSameRows(position: TablePosition, layers: NounLayers, wanted: WantedTable): boolean {
  return (
    !position.isNew && position.version > 0 && position.columns === wanted.columns && lastSeqOf(layers) <= position.seq
  )
}

/** The layers of a Noun in the manifest. */
export function layersIn(manifest: Manifest, noun: string): NounLayers | undefined {
  return Object.hasOwn(manifest.nouns, noun) ? manifest.nouns[noun] : undefined
}
