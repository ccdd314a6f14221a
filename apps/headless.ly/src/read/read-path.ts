// Where a read is answered: from what is kept of an earlier answer, from files, or by the tenant's object, the first of
// them that may and can. Files are passed over where the client has seen more than is in them, and whenever they cannot be
// read: a reader never gets wrong data, and never a failure, because of a file.

import { type FileCache, LruCache, type Manifest, type ObjectStore, withDeadline } from '@dotdo/db'
import { formatBookmark, isCovered, ObjectError, parseBookmark } from 'digital-objects'
import { type Answer, answerFromFiles, type FilesResult, type ReadCall } from 'objects.do'
import { CurrentManifests } from './current-manifests.ts'
import type { MemoryReadCache } from './memory-read-cache.ts'
import type { KeptAnswer, ReadCache } from './read-cache.ts'
import { RecentWrites } from './recent-writes.ts'

export interface ReadPathOptions {
  readonly store: ObjectStore
  /** Of this isolate. */
  readonly memory: MemoryReadCache
  /** Of many isolates, where there is one. */
  readonly shared: ReadCache | undefined
  readonly now: () => number
  readonly log: (message: string) => void
}

/** An answer that is at hand, from files of some time before. */
export interface KeptRead {
  readonly kept: KeptAnswer
  readonly bookmark: string
}

export interface ReadVisit {
  /** Path and query as they came. */
  readonly path: string
  /** Keeps the work going when the client leaves: others may wait for the same. */
  readonly waitUntil: (work: Promise<unknown>) => void
}

/** Rough bytes of open files and of ids. An isolate has 128 MB for all that it does. */
const fileBytesMax = 24 * 2 ** 20
const idBytesMax = 8 * 2 ** 20
/** Whoever waits longer for files is answered by the object. */
const filesTimeoutMs = 2_000
/** And then the tenant's files are not tried again for so long. */
const latePauseMs = 5_000
const pausedMax = 10_000
/** Of messages that were logged: each is told once. */
const loggedMax = 1_000

export class ReadPath {
  readonly #options: ReadPathOptions
  readonly #manifests: CurrentManifests
  readonly #writes = new RecentWrites()
  /** Until when a tenant's files are not tried. */
  readonly #paused = new LruCache<number>(pausedMax)
  readonly #logged = new LruCache<true>(loggedMax)
  #files = makeFileCache()

  constructor(options: ReadPathOptions) {
    this.#options = options
    this.#manifests = new CurrentManifests(options)
  }

  /** Every answer to a write passes here, refusals too. */
  wrote(tenant: string, bookmark: string): void {
    this.#writes.note(tenant, bookmark)
  }

  /** An answer that is at hand. Most reads end here: nothing is waited for, and nothing is read. */
  kept(call: ReadCall, path: string): KeptRead | undefined {
    if (!isForFiles(call)) return undefined
    const manifest = this.#manifests.known(call.tenant)?.manifest
    if (manifest === undefined || !this.#isUsable(manifest, call)) return undefined
    const kept = this.#options.memory.peek(nameOf(manifest, call, path))
    return kept === undefined ? undefined : { kept, bookmark: formatBookmark(manifest) }
  }

  /** Undefined where the tenant's object has to answer. */
  async answer(call: ReadCall, visit: ReadVisit): Promise<Answer | undefined> {
    if (!isForFiles(call)) return undefined
    const manifest = await this.#manifest(call.tenant, visit)
    if (manifest === undefined || !this.#isUsable(manifest, call)) return undefined
    const { memory, shared } = this.#options
    const name = nameOf(manifest, call, visit.path)
    // The manifest may have been read again and be the same.
    const kept = memory.peek(name) ?? (await shared?.get(name))
    const bookmark = formatBookmark(manifest)
    if (kept !== undefined) {
      memory.keep(name, kept)
      return { ok: true, ...kept, body: new TextDecoder().decode(kept.body), bookmark, source: 'cache' }
    }
    try {
      const result = await this.#read(manifest, call, visit)
      if (result === undefined) return undefined
      const keeping = { ...result, body: new TextEncoder().encode(result.body) }
      memory.keep(name, keeping)
      if (shared !== undefined) visit.waitUntil(shared.put(name, keeping))
      return { ok: true, ...result, bookmark, source: 'files' }
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error
      return { ok: false, error: error.toData(), bookmark }
    }
  }

  async #manifest(tenant: string, visit: ReadVisit): Promise<Manifest | undefined> {
    const known = this.#manifests.known(tenant)
    if (known !== undefined || this.#isPaused(tenant)) return known?.manifest
    const late = (): void => this.#manifests.giveUp(tenant)
    return this.#unlessFails(tenant, this.#manifests.read(tenant), { visit, late })
  }

  #isUsable(manifest: Manifest, call: ReadCall): boolean {
    if (this.#isPaused(call.tenant)) return false
    const seen = call.bookmark === undefined ? this.#writes.newest(call.tenant) : parseBookmark(call.bookmark)
    // What is no bookmark is for the object to refuse.
    if (seen === undefined) return call.bookmark === undefined
    const hasAll = isCovered(seen, { epoch: manifest.epoch, head: manifest.seq })
    if (hasAll && call.bookmark === undefined) this.#writes.forget(call.tenant)
    return hasAll
  }

  #isPaused(tenant: string): boolean {
    const untilMs = this.#paused.get(tenant)
    return untilMs !== undefined && untilMs > this.#options.now()
  }

  #read(manifest: Manifest, call: ReadCall, visit: ReadVisit): Promise<FilesResult | undefined> {
    const files = { store: this.#options.store, manifest, cache: this.#files }
    // What is being opened and does not come would be waited for by everyone after.
    const late = (): void => void (this.#files = makeFileCache())
    return this.#unlessFails(call.tenant, answerFromFiles(files, call), { visit, late })
  }

  /** What the work comes to; undefined when it fails or is late. Refusals are no failures. */
  async #unlessFails<Result>(
    tenant: string,
    work: Promise<Result>,
    options: { readonly visit: ReadVisit; readonly late: () => void },
  ): Promise<Result | undefined> {
    const { now, log } = this.#options
    options.visit.waitUntil(work.catch(() => {}))
    try {
      return await withDeadline(work, {
        ms: filesTimeoutMs,
        late: () => {
          options.late()
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

/** The present of entities, where nobody insists on the newest state. */
function isForFiles(call: ReadCall): boolean {
  if (call.read !== 'get' && call.read !== 'find' && call.read !== 'count') return false
  const { strong = 'false', asOf } = call.parameters
  return strong === 'false' && asOf === undefined
}

/** Everything that an answer depends on, and nothing that may change. A tenant that is made anew may count anew. */
function nameOf(manifest: Manifest, call: ReadCall, path: string): string {
  return `${call.context} ${manifest.epoch}.${manifest.revision} ${manifest.madeAt} ${path}`
}

function makeFileCache(): FileCache {
  return { files: new LruCache(fileBytesMax), ids: new LruCache(idBytesMax) }
}
