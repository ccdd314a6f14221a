// Finds out about a file of the log from the file alone, for a reader that has lost the record of it: its layout, and the
// events that it covers.

import { parquetMetadata } from 'hyparquet'
import type { ObjectStore } from '../object-store/object-store.ts'
import { checksum, DamagedFile } from '../parquet/block-checksums.ts'
import { openFile } from '../parquet/open-file.ts'
import { eventColumns } from './event-columns.ts'
import type { EventFile } from './event-file-writer.ts'

/** The length of the footer and `PAR1`, at the end of the file. */
const endBytes = 8

/** Throws a DamagedFile if it is missing, has another size, or is no file of the log. */
export async function findEventFile(
  store: ObjectStore,
  { key, bytes, rows }: { readonly key: string; readonly bytes: number; readonly rows: number },
): Promise<EventFile> {
  const end = await part(store, key, { start: bytes - endBytes, end: bytes + 1 })
  if (end.length !== endBytes) throw new DamagedFile(key, `it does not have ${bytes} bytes`)
  const view = new DataView(end.buffer, end.byteOffset, end.byteLength)
  const footerStart = bytes - endBytes - view.getUint32(0, true)
  if (view.getUint32(4, true) !== parquetMark || footerStart <= 0) throw new DamagedFile(key, 'it has no footer')
  const footer = await part(store, key, { start: footerStart, end: bytes })
  const layout = {
    bytes,
    rows,
    footerStart,
    tailStart: tailStartOf(footer, footerStart),
    footerChecksum: checksum(footer),
  }
  const file = await openFile(store, { key, ...layout })
  const stored = file.groups.at(-1)?.rowEnd ?? 0
  if (stored !== rows || rows === 0) throw new DamagedFile(key, `it has ${stored} events, and its table says ${rows}`)
  const range = (name: 'seq' | 'timestamp'): { readonly min: number; readonly max: number } => {
    const column = eventColumns.find((each) => each.name === name)
    const known = file.groups.map(({ index }) => (column === undefined ? undefined : file.statistics(column, index)))
    const values = known.flatMap((each) => [Number(each?.min ?? Number.NaN), Number(each?.max ?? Number.NaN)])
    return { min: Math.min(...values), max: Math.max(...values) }
  }
  const [seqs, times] = [range('seq'), range('timestamp')]
  if (seqs.max - seqs.min + 1 !== rows) throw new DamagedFile(key, 'its statistics do not name its events')
  return { key, ...layout, afterSeq: seqs.min - 1, throughSeq: seqs.max, firstMs: times.min, lastMs: times.max }
}

/** `PAR1`, read as a little-endian number. */
const parquetMark = 0x31524150

/** Bloom filters lie between the values and the footer. */
function tailStartOf(footer: Uint8Array, footerStart: number): number {
  const { row_groups: groups } = parquetMetadata(footer.slice().buffer)
  const offsets = groups.flatMap(({ columns }) =>
    columns.flatMap(({ meta_data: chunk }) =>
      chunk?.bloom_filter_offset === undefined ? [] : [Number(chunk.bloom_filter_offset)],
    ),
  )
  return Math.min(footerStart, ...offsets)
}

async function part(
  store: ObjectStore,
  key: string,
  range: { readonly start: number; readonly end: number },
): Promise<Uint8Array> {
  const bytes = range.start < 0 ? undefined : await store.get(key, range)
  if (bytes === undefined) throw new DamagedFile(key, 'it is missing')
  return bytes
}
