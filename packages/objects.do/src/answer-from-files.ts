// A call to get, find or count, answered from the files that a manifest names: the same request, parsed by the same
// code, gets the same body as from the tenant's object at that point of its log.

import { type FileCache, type FoundInFiles, type Manifest, type ObjectStore, Snapshot } from '@dotdo/db'
import { compileRegex, cutPage, totalMax } from '@dotdo/do'
import { defaultSort, type Filter, parseCursor } from 'digital-objects'
import { builtInLookup as lookup } from './built-in-nouns.ts'
import type { ReadCall } from './call.ts'
import { countBody, entityBody, pageBody } from './read-body.ts'
import { listIdentity, parseCountCall, parseFind, parseGet } from './read-request.ts'
import { loadRelated } from './related-in-files.ts'

export interface FilesParts {
  readonly store: ObjectStore
  readonly manifest: Manifest
  readonly cache: FileCache
}

export interface FilesResult {
  readonly body: string
  /** The entity's `$version`, where the body is one whole entity. */
  readonly version?: number
}

type Of<Read extends ReadCall['read']> = Extract<ReadCall, { readonly read: Read }>

/**
 * Undefined for what the object has to answer: an entity that the files do not have, patterns and words, what would
 * read too much. Throws an ObjectError where the object would refuse the call as well; anything else that is thrown
 * says that the files cannot be read. `strong` is for the caller to see to.
 */
export async function answerFromFiles(parts: FilesParts, call: ReadCall): Promise<FilesResult | undefined> {
  switch (call.read) {
    case 'get':
      return get(parts, call)
    case 'find':
      return find(parts, call)
    case 'count':
      return count(parts, call)
    default:
      return undefined
  }
}

async function get(parts: FilesParts, call: Of<'get'>): Promise<FilesResult | undefined> {
  if (lookup(call.noun) === undefined) return undefined
  const { noun, id, isPlain, asOfMs, shape } = parseGet(call, lookup)
  if (asOfMs !== undefined) return undefined
  const snapshot = snapshotOf(parts)
  const version = await snapshot.get(noun, id)
  if (version === undefined) return undefined
  const reader = await loadRelated({ snapshot, lookup, noun, shape, versions: [version], context: call.context })
  if (reader === undefined) return undefined
  const body = entityBody({ reader, lookup, noun, shape }, version)
  return isPlain ? { body, version: version.version } : { body }
}

async function find(parts: FilesParts, call: Of<'find'>): Promise<FilesResult | undefined> {
  if (lookup(call.noun) === undefined) return undefined
  const request = parseFind(call, lookup)
  const { noun, filter, shape, limit, cursor, sort = defaultSort } = request
  if (request.asOfMs !== undefined || isForObject(filter)) return undefined
  // Of a Noun that was never written the object takes any cursor.
  if (cursor !== undefined && !Object.hasOwn(parts.manifest.nouns, noun.name)) return undefined
  const list = listIdentity(request, { tenant: call.tenant })
  const after = cursor === undefined ? undefined : parseCursor(cursor, list)
  const snapshot = snapshotOf(parts)
  const found = await snapshot.find(noun, {
    filter,
    sort,
    limit: limit + 1,
    countMax: request.isCountExact ? Number.MAX_SAFE_INTEGER : totalMax,
    ...(after === undefined ? {} : { after }),
  })
  if (found === undefined) return undefined
  const page = cutPage(found.rows, { limit, sort, list })
  const reader = await loadRelated({ snapshot, lookup, noun, shape, versions: page.versions, context: call.context })
  if (reader === undefined) return undefined
  return { body: pageBody({ reader, lookup, noun, shape }, { ...page, total: found.count }) }
}

async function count(parts: FilesParts, call: Of<'count'>): Promise<FilesResult | undefined> {
  if (lookup(call.noun) === undefined) return undefined
  const { noun, filter, asOfMs } = parseCountCall(call, lookup)
  if (asOfMs !== undefined || isForObject(filter)) return undefined
  const request = { filter, sort: [], limit: 0, countMax: Number.MAX_SAFE_INTEGER }
  const found: FoundInFiles | undefined = await snapshotOf(parts).find(noun, request)
  return found === undefined ? undefined : { body: countBody(found.count) }
}

function snapshotOf(parts: FilesParts): Snapshot {
  return new Snapshot({ ...parts, lookup, regex: compileRegex })
}

/** The object has an index of words, and a limit on what a pattern may look at. */
function isForObject(filter: Filter): boolean {
  if (filter.kind === 'and' || filter.kind === 'or') return filter.of.some(isForObject)
  return filter.kind === 'not' ? isForObject(filter.of) : filter.kind === 'text' || filter.kind === 'regex'
}
