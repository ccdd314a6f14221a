// Writes a tenant's log as layers of files, like a flush: a base and deltas with tombstones, in small files and row groups,
// so that a small tenant has many.

import { type EntityRow, LruCache, type Manifest, type ObjectStore, type FileCache } from '@dotdo/db'
import { parseBookmark } from 'digital-objects'
import { metaFieldNames, type NounSchema, type ObjectEvent } from 'digital-objects'
import { putLayers } from '../../@dotdo/db/test/tenant-layers.ts'
import type { AnswersCalls, Caller } from 'objects.do'
import { builtInSchemas } from '../src/entities/built-in-nouns.ts'
import { askRead } from './ask-tenant.ts'

/** `cuts` are the fractions of the log at which the base and each delta end. The last delta ends at the log's end. */
export async function putTenantFiles(options: {
  readonly store: ObjectStore
  readonly stub: AnswersCalls
  readonly caller: Caller
  readonly cuts: readonly number[]
  readonly revision?: number
  /** By default the built-in Nouns. */
  readonly schemas?: readonly NounSchema[]
}): Promise<Manifest> {
  const { store, stub, caller, cuts, revision = 1, schemas = builtInSchemas } = options
  const { events, bookmark } = await readLog(stub, caller)
  const seq = events.at(-1)?.seq ?? 0
  const ends = [...cuts.map((share) => Math.floor(share * seq)), seq]
  const layers = ends.map((throughSeq, at) => ({ afterSeq: ends[at - 1] ?? 0, throughSeq }))
  const layersOf: Record<string, Manifest['nouns'][string]> = {}
  for (const schema of schemas) {
    const rows = events.filter((event) => event.type.startsWith(`${schema.name}.`)).map(eventToRow)
    if (rows.length === 0) continue
    layersOf[schema.name] = await putLayers({
      store,
      schema,
      rows,
      layers,
      shape: { groupRows: 5, groupsPerFile: 2 },
      folder: `${caller.tenant}/${revision}/${schema.name}`,
    })
  }
  const epoch = parseBookmark(bookmark)?.epoch ?? ''
  return {
    tenant: caller.tenant,
    epoch,
    revision,
    seq,
    madeAt: new Date().toISOString(),
    nouns: layersOf,
    definitions: [],
    stale: [],
    events: { version: 0, throughSeq: 0 },
  }
}

export function makeFileCache(): FileCache {
  return { files: new LruCache(16 * 2 ** 20), ids: new LruCache(2 ** 20) }
}

async function readLog(
  stub: AnswersCalls,
  caller: Caller,
): Promise<{ readonly events: readonly ObjectEvent[]; readonly bookmark: string }> {
  const events: ObjectEvent[] = []
  for (;;) {
    const parameters = { after: String(events.at(-1)?.seq ?? 0), limit: '1000' }
    const answer = await askRead(stub, caller, { read: 'events', parameters })
    if (!answer.ok) throw new Error(JSON.stringify(answer.error))
    const page = JSON.parse(answer.body) as { results: readonly ObjectEvent[]; hasMore: boolean }
    events.push(...page.results)
    if (!page.hasMore) return { events, bookmark: answer.bookmark }
  }
}

function eventToRow(event: ObjectEvent): EntityRow {
  const { data, seq, type } = event
  const fields = Object.entries(data).filter(([name]) => !(metaFieldNames as readonly string[]).includes(name))
  return {
    id: data.$id,
    version: data.$version,
    createdAtMs: Date.parse(data.$createdAt),
    createdBy: data.$createdBy,
    updatedAtMs: Date.parse(data.$updatedAt),
    seq,
    isDeleted: type.endsWith('.Deleted'),
    fields: Object.fromEntries(fields),
  }
}
