// The list of erasures in the lake, by which an object that was restored from an older backup erases again. It has ids and
// times, and no values.

import { DamagedFile, type ObjectStore } from '@dotdo/db'
import { parseJson } from 'digital-objects'
import type { ErasureEntity, ErasureStore } from './erasure-store.ts'

export const recordsFormat = 1
/** Entities of one erasure in the list; as many as an erasure may have. */
const entitiesMax = 100_000
const erasuresMax = 10_000

export interface RecordedErasure {
  readonly id: string
  readonly roots: readonly string[]
  readonly actor: string
  readonly askedAt: string
  readonly entities: readonly ErasureEntity[]
}

export function erasuresKey(tenant: string): string {
  return `${tenant}/erasures.json`
}

/** Puts the list of all erasures, with those in the list that this object does not know. */
export async function recordErasures({
  store,
  erasures,
  tenant,
}: {
  readonly store: ObjectStore
  readonly erasures: ErasureStore
  readonly tenant: () => string
}): Promise<void> {
  const key = erasuresKey(tenant())
  const own = erasures.list(erasuresMax).map(({ id, roots, actor, askedMs }): RecordedErasure => ({
    id,
    roots,
    actor,
    askedAt: new Date(askedMs).toISOString(),
    entities: erasures.entities(id, { after: '', limit: entitiesMax }),
  }))
  const known = new Set(own.map(({ id }) => id))
  const others = (await readRecorded(store, tenant())).filter(({ id }) => !known.has(id))
  const text = JSON.stringify({ format: recordsFormat, erasures: [...own, ...others] })
  await store.put(key, new TextEncoder().encode(text), { ifAbsent: false })
  await store.sync([key])
}

/** Throws a DamagedFile if the list cannot be read. */
export async function readRecorded(store: ObjectStore, tenant: string): Promise<readonly RecordedErasure[]> {
  const key = erasuresKey(tenant)
  const bytes = await store.get(key)
  if (bytes === undefined) return []
  const parsed = parseJson(new TextDecoder().decode(bytes), () => new DamagedFile(key, 'it is not JSON'))
  const isList = typeof parsed === 'object' && parsed !== null && 'format' in parsed && 'erasures' in parsed
  if (!isList || parsed.format !== recordsFormat)
    throw new DamagedFile(key, `it has another format than ${recordsFormat}`)
  return parsed.erasures as readonly RecordedErasure[] // `recordErasures` wrote it
}
