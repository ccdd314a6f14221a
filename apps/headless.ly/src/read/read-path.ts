// Decides where a read is answered: from a cached answer, from files, or by the tenant's object, the first that may and
// can. Files are skipped if the client has seen more than is in them, and if they cannot be read: a file never causes a
// wrong answer or a failure.

import { type FileCache, LruCache, type Manifest, type ObjectStore, withDeadline } from '@dotdo/db'
import {
  type Bookmark,
  callerKindOf,
  fingerprintOf,
  formatBookmark,
  isCovered,
  type NounSchema,
  ObjectError,
  parseBookmark,
} from 'digital-objects'
import {
  type Answer,
  answerFromFiles,
  type Caller,
  type FilesAsked,
  type FilesResult,
  mayAnswerFromFiles,
  type ThreadTurns,
} from 'objects.do'
import { CurrentManifests } from './current-manifests.ts'
import type { MemoryReadCache } from './memory-read-cache.ts'
import type { CachedAnswer, ReadCache } from './read-cache.ts'
import type { KvValues } from './kv-values.ts'
import { RecentWrites } from './recent-writes.ts'
import { type AnswerVisit, SharedAnswers } from './shared-answers.ts'
import { storeWithTails } from './store-with-tails.ts'

export interface ReadPathOptions {
  readonly store: ObjectStore
  /** This isolate's. */
  readonly memory: MemoryReadCache
  /** Shared by the isolates of a data centre, if there is one. */
  readonly near: ReadCache | undefined
  /** KV, which all data centres share, if there is one: the answers in it, and the values under them. */
  readonly far?: { readonly answers: ReadCache; readonly values: KvValues }
  /** The Nouns that every tenant of the server has. */
  readonly builtIn: readonly NounSchema[]
  /** If reads of files share a thread with others. */
  readonly turns?: ThreadTurns
  /** After this the object answers instead of the files: 2 s by default. */
  readonly filesTimeoutMs?: number
  readonly now: () => number
  readonly log: (message: string) => void
}

/** An earlier answer from files, in memory. */
export interface CachedRead {
  readonly cached: CachedAnswer
  readonly bookmark: string
}

export interface ReadVisit {
  /** Path and query as they arrived. */
  readonly path: string
  /** Lets work finish after the client has left: others may wait for its result. */
  readonly waitUntil: (work: Promise<unknown>) => void
}

/** Rough bytes of open files, of ids and of decoded columns. An isolate has 128 MB for all that it does. */
const fileBytesMax = 24 * 2 ** 20
const idBytesMax = 8 * 2 ** 20
/** Columns of a few row groups, the places that readers page through. */
const columnBytesMax = 16 * 2 ** 20
/** Characters of the names of totals. */
const totalNamesMax = 2 ** 20
const defaultFilesTimeoutMs = 2_000
/** The tenant's files are not tried for this long after a timeout. */
const latePauseMs = 5_000
const pausedMax = 10_000
/** A write to KV is visible elsewhere after this. A younger manifest may be replaced by then. */
export const lastingMs = 60_000
/** Messages that were logged, so that each is logged once. */
const loggedMax = 1_000

export class ReadPath {
  readonly #options: ReadPathOptions
  readonly #manifests: CurrentManifests
  readonly #writes = new RecentWrites()
  /** The time until which a tenant's files are not tried. */
  readonly #paused = new LruCache<number>(pausedMax)
  readonly #logged = new LruCache<true>(loggedMax)
  /** The points up to which tenants are known to have no texts of strangers. */
  readonly #ownTexts = new LruCache<Bookmark>(pausedMax)
  readonly #shared: SharedAnswers
  #files = makeFileCache()

  constructor(options: ReadPathOptions) {
    this.#options = options
    this.#shared = new SharedAnswers({ near: options.near, far: options.far?.answers })
    this.#manifests = new CurrentManifests(options)
  }

  /** For every answer to a write, refusals too. */
  wrote(tenant: string, bookmark: string): void {
    this.#writes.note(tenant, bookmark)
  }

  /** For every answer of a tenant's object that says so: no text up to the bookmark is one of strangers. */
  hasOwnTexts(tenant: string, bookmark: string): void {
    const point = parseBookmark(bookmark)
    const known = this.#ownTexts.get(tenant)
    if (point !== undefined && (known?.epoch !== point.epoch || known.seq < point.seq))
      this.#ownTexts.set(tenant, point, 1)
  }

  /** Drops all that is kept of a tenant that has been deleted. */
  forget(tenant: string): void {
    this.#writes.forget(tenant)
    this.#ownTexts.delete(tenant)
    this.#manifests.forget(tenant)
    this.#options.memory.drop((name) => (name.split(' ', 1)[0] ?? '').endsWith(`/~${tenant}`))
    this.#files = makeFileCache()
  }

  /** A cached answer from this isolate's memory. Most reads end here, synchronously. */
  cached({ call, caller }: FilesAsked, path: string): CachedRead | undefined {
    if (!mayAnswerFromFiles(call)) return undefined
    const manifest = this.#manifests.known(caller.tenant)?.manifest
    if (manifest === undefined || !this.#isUsable(manifest, caller)) return undefined
    if (isAgent(caller) && !this.#hasOwnTexts(manifest, caller)) return undefined
    const cached = this.#options.memory.peek(nameOf(manifest, caller, path))
    return cached === undefined ? undefined : { cached, bookmark: formatBookmark(manifest) }
  }

  /** Returns undefined if the tenant's object has to answer. */
  async answer(asked: FilesAsked, visit: ReadVisit): Promise<Answer | undefined> {
    const { call, caller } = asked
    if (!mayAnswerFromFiles(call)) return undefined
    const manifest = await this.#manifest(caller.tenant, visit)
    if (manifest === undefined || !this.#isUsable(manifest, caller)) return undefined
    if (isAgent(caller) && !this.#hasOwnTexts(manifest, caller)) return undefined
    const { memory } = this.#options
    const answerVisit: AnswerVisit = { isLasting: this.#isLasting(manifest), waitUntil: visit.waitUntil }
    const name = nameOf(manifest, caller, visit.path)
    // A manifest that was read again may be the same as before.
    const cached = memory.peek(name) ?? (await this.#shared.get(name, answerVisit))
    const bookmark = formatBookmark(manifest)
    if (cached !== undefined) {
      memory.keep(name, cached)
      return { ok: true, ...cached, body: new TextDecoder().decode(cached.body), bookmark, source: 'cache' }
    }
    try {
      const result = await this.#read(manifest, asked, visit)
      if (result === undefined) return undefined
      const keeping = { ...result, body: new TextEncoder().encode(result.body) }
      memory.keep(name, keeping)
      this.#shared.put(name, keeping, answerVisit)
      return { ok: true, ...result, bookmark, source: 'files' }
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error
      return { ok: false, error: error.toData(), bookmark }
    }
  }

  async #manifest(tenant: string, visit: ReadVisit): Promise<Manifest | undefined> {
    const known = this.#manifests.known(tenant)
    if (known !== undefined || this.#isPaused(tenant)) return known?.manifest
    const onTimeout = (): void => this.#manifests.giveUp(tenant)
    return this.#unlessFails(tenant, this.#manifests.read(tenant), { visit, onTimeout })
  }

  #isUsable(manifest: Manifest, { tenant, bookmark }: Caller): boolean {
    if (this.#isPaused(tenant)) return false
    const seen = bookmark === undefined ? this.#writes.newest(tenant) : parseBookmark(bookmark)
    // The object refuses a bookmark that cannot be parsed.
    if (seen === undefined) return bookmark === undefined
    const hasAll = isCovered(seen, { epoch: manifest.epoch, head: manifest.seq })
    if (hasAll && bookmark === undefined) this.#writes.forget(tenant)
    return hasAll
  }

  #hasOwnTexts({ epoch, seq }: Manifest, { tenant }: Caller): boolean {
    const known = this.#ownTexts.get(tenant)
    return known?.epoch === epoch && seq <= known.seq
  }

  #isLasting({ madeAt }: Manifest): boolean {
    return this.#options.now() - Date.parse(madeAt) >= lastingMs
  }

  #isPaused(tenant: string): boolean {
    const untilMs = this.#paused.get(tenant)
    return untilMs !== undefined && untilMs > this.#options.now()
  }

  #read(manifest: Manifest, asked: FilesAsked, visit: ReadVisit): Promise<FilesResult | undefined> {
    const { turns } = this.#options
    const { tenant } = asked.caller
    const store = this.#storeOf(manifest, visit)
    // Later readers would wait for the file that never opens, so they get a new cache.
    const onTimeout = (): void => void (this.#files = makeFileCache())
    const read = (): Promise<FilesResult | undefined> => {
      const files = { store, manifest, cache: this.#files, builtIn: this.#options.builtIn }
      return this.#unlessFails(tenant, answerFromFiles(files, asked), { visit, onTimeout })
    }
    return turns === undefined ? read() : turns.run(tenant, read)
  }

  #storeOf(manifest: Manifest, { waitUntil }: ReadVisit): ObjectStore {
    const { store, far } = this.#options
    if (far === undefined) return store
    return storeWithTails({ store, values: far.values, manifest, isLasting: this.#isLasting(manifest), waitUntil })
  }

  /** The result of the work; undefined if it fails or times out. A refusal is not a failure. */
  async #unlessFails<Result>(
    tenant: string,
    work: Promise<Result>,
    options: { readonly visit: ReadVisit; readonly onTimeout: () => void },
  ): Promise<Result | undefined> {
    const { now, log, filesTimeoutMs = defaultFilesTimeoutMs } = this.#options
    options.visit.waitUntil(work.catch(() => {}))
    try {
      return await withDeadline(work, {
        ms: filesTimeoutMs,
        timeoutError: () => {
          options.onTimeout()
          this.#paused.set(tenant, now() + latePauseMs, 1)
          return new Error(`the files of '${tenant}' did not come within ${filesTimeoutMs} ms`)
        },
      })
    } catch (error) {
      if (error instanceof ObjectError) throw error
      const message = error instanceof Error ? error.message : String(error)
      if (this.#logged.get(message) === undefined) log(`${message}; the tenant's object answers instead`)
      this.#logged.set(message, true, 1)
      return undefined
    }
  }
}

/**
 * The key of a cached answer: everything that the answer depends on, so that an entry is never out of date. A tenant that
 * is created anew may repeat its epoch and revision, so the time is part of it. A lens changes no read of files.
 */
function nameOf(manifest: Manifest, { context, authority }: Caller, path: string): string {
  return `${context} ${manifest.epoch}.${manifest.revision} ${manifest.madeAt} ${fingerprintOf(authority)} ${path}`
}

/** The tenant's object notes which texts of strangers an agent has read, so it answers agents as long as there may be some. */
function isAgent({ authority, via }: Caller): boolean {
  return callerKindOf(authority, via) === 'agent'
}

function makeFileCache(): FileCache {
  return {
    files: new LruCache(fileBytesMax),
    ids: new LruCache(idBytesMax),
    columns: new LruCache(columnBytesMax),
    totals: new LruCache(totalNamesMax),
  }
}
