// An object store in a folder, through workerd's writable disk service. It is the embedded server's lake: other
// programs can read the files while the server runs.
//
// Two restrictions beyond the interface: a key cannot be a prefix folder of another key (`a` beside `a/b`), and `put`
// refuses segments that begin with a dot, which the service hides, or that are too long for a file name.

import { checkKey, type ByteRange, type ObjectStore, type StoredObject } from './object-store.ts'

/** Anything that answers HTTP: a service binding, or a socket in tests. */
export interface Fetching {
  fetch(url: string, init?: RequestInit): Promise<Response>
}

/**
 * File names have at most 255 bytes, including those of the service's temporary files: `.<name>.<process>.<count>.tmp`.
 */
const segmentLengthMax = 200
/** The launcher's limit of keys in one call. */
const keysPerSyncMax = 1_000
const syncTimeoutMs = 60_000
/** HEAD requests at one time; workerd opens a file for each. */
const concurrentHeadsMax = 32
/** Folders that one `list` may open. Deleted objects leave empty folders behind, and walking them has to end. */
const foldersMax = 10_000

export class DiskObjectStore implements ObjectStore {
  readonly #disk: Fetching
  readonly #syncer: Fetching | undefined
  /** The last pending put of each key. */
  readonly #puts = new Map<string, Promise<unknown>>()

  /** `syncer` reaches the launcher, which can fsync. `ifAbsent` holds only between callers of this one store. */
  constructor(services: { readonly disk: Fetching; readonly syncer?: Fetching | undefined }) {
    this.#disk = services.disk
    this.#syncer = services.syncer
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    checkKey(key)
    if (range !== undefined && range.end <= range.start) return this.#getNoBytes(key)
    const last = range === undefined ? 0 : Math.min(range.end - 1, Number.MAX_SAFE_INTEGER)
    const headers = range === undefined ? {} : { range: `bytes=${range.start}-${last}` }
    const response = await this.#ask('get', key, { headers })
    if (response.status === 416) {
      await dropBody(response)
      return new Uint8Array(0)
    }
    if (response.status === 404 || isFolder(response)) {
      await dropBody(response)
      return undefined
    }
    if (response.status !== 200 && response.status !== 206) throw await failure(`get '${key}'`, response)
    const bytes = new Uint8Array(await response.arrayBuffer())
    // The service answers 200 for a range that covers the whole file.
    return response.status === 200 && range !== undefined ? bytes.slice(range.start, range.end) : bytes
  }

  async head(key: string): Promise<number | undefined> {
    return (await this.stat(key))?.bytes
  }

  async stat(key: string): ReturnType<ObjectStore['stat']> {
    checkKey(key)
    const response = await this.#ask('head', key, { method: 'HEAD' })
    if (response.status === 404 || isFolder(response)) return undefined
    const bytes = Number(response.headers.get('content-length') ?? Number.NaN)
    if (response.status !== 200 || !Number.isSafeInteger(bytes)) throw await failure(`head '${key}'`, response)
    const modifiedMs = Date.parse(response.headers.get('last-modified') ?? '')
    return { bytes, modifiedMs: Number.isNaN(modifiedMs) ? 0 : modifiedMs }
  }

  async put(key: string, bytes: Uint8Array, options: { readonly ifAbsent: boolean }): Promise<boolean> {
    checkKey(key)
    if (key.split('/').some((segment) => segment.startsWith('.') || segment.length > segmentLengthMax)) {
      throw new Error(
        `put: expected segments of at most ${segmentLengthMax} characters that do not begin with a dot, got '${key}'`,
      )
    }
    return this.#serialize(key, async () => {
      if (options.ifAbsent && (await this.head(key)) !== undefined) return false
      const response = await this.#ask('put', key, { method: 'PUT', body: bytes })
      if (response.status !== 204) throw await failure(`put '${key}'`, response)
      return true
    })
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      // DELETE on a folder would delete everything in it, so check first that the key is an object.
      if ((await this.head(key)) === undefined) continue
      const response = await this.#ask('delete', key, { method: 'DELETE' })
      if (response.status !== 204 && response.status !== 404) throw await failure(`delete '${key}'`, response)
      await dropBody(response)
    }
  }

  async list(options: {
    readonly prefix: string
    readonly after?: string
    readonly limit: number
  }): ReturnType<ObjectStore['list']> {
    const { prefix, after = '', limit } = options
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
    if (folder !== '') checkKey(folder.slice(0, -1))
    const keys: string[] = []
    for await (const key of this.#walk(folder, { prefix, after, visited: new Set() })) {
      if (keys.push(key) > limit) break
    }
    const objects: StoredObject[] = []
    for (let start = 0; start < Math.min(keys.length, limit); start += concurrentHeadsMax) {
      const some = keys.slice(start, Math.min(start + concurrentHeadsMax, limit))
      const found = await Promise.all(some.map((key) => this.stat(key)))
      // An object that was deleted meanwhile has no size.
      for (const [index, one] of found.entries()) {
        if (one !== undefined) objects.push({ key: some[index] ?? '', ...one })
      }
    }
    return { objects, hasMore: keys.length > limit }
  }

  async sync(keys: readonly string[]): Promise<void> {
    if (this.#syncer === undefined) {
      throw new Error('sync: this disk store has no launcher, so it cannot tell whether files are durable')
    }
    for (let start = 0; start < keys.length; start += keysPerSyncMax) {
      const body = JSON.stringify({ keys: keys.slice(start, start + keysPerSyncMax) })
      // Time out, so that callers learn of a launcher that hangs: their objects are not durable.
      const signal = AbortSignal.timeout(syncTimeoutMs)
      const response = await this.#syncer.fetch('http://launcher/sync', { method: 'POST', body, signal })
      if (response.status !== 204) throw await failure(`sync of ${keys.length} keys`, response)
    }
  }

  /** The service's own errors say no more than 'internal error', so they get the action and the key. */
  async #ask(action: string, key: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#disk.fetch(keyToUrl(key), init)
    } catch (error) {
      throw new Error(`${action} '${key}': ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
  }

  /**
   * Puts of one key run one after another: a put with `ifAbsent` sends HEAD and then PUT, and another put must not come
   * between.
   */
  async #serialize<Result>(key: string, run: () => Promise<Result>): Promise<Result> {
    const mine = (this.#puts.get(key) ?? Promise.resolve()).then(run)
    // A failed put must not block the next one.
    const done = mine.catch(() => {})
    this.#puts.set(key, done)
    try {
      return await mine
    } finally {
      if (this.#puts.get(key) === done) this.#puts.delete(key)
    }
  }

  /**
   * Yields keys in code unit order. `folder` is empty or ends with `/`. Opens only folders that may hold matching keys.
   */
  async *#walk(folder: string, walk: Walk): AsyncGenerator<string> {
    if (walk.visited.add(folder).size > foldersMax) {
      throw new Error(`list: walked ${foldersMax} folders under '${walk.prefix}' without filling the page`)
    }
    for (const name of await this.#namesIn(folder)) {
      const path = folder + name
      if (!path.endsWith('/')) {
        if (path.startsWith(walk.prefix) && path > walk.after) yield path
      } else if (mayHold(path, walk)) {
        yield* this.#walk(path, walk)
      }
    }
  }

  /**
   * Returns the sorted names in a folder. Subfolders end with `/`, so that `a.b` sorts before `a/b`. Holds all names of
   * the folder in memory.
   */
  async #namesIn(folder: string): Promise<readonly string[]> {
    const response = await this.#disk.fetch(`http://lake/${folder}`)
    if (response.status === 200 && isFolder(response)) return parseListing(await response.json()).toSorted()
    if (response.status !== 200 && response.status !== 404) throw await failure(`list '${folder}'`, response)
    await dropBody(response)
    return []
  }

  /** Reads zero bytes of an existing object, which HTTP ranges cannot express. */
  async #getNoBytes(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return (await this.head(key)) === undefined ? undefined : new Uint8Array(0)
  }
}

interface Walk {
  readonly prefix: string
  readonly after: string
  readonly visited: Set<string>
}

/**
 * Whether the folder may hold a key with the prefix that comes after `after`. The walk starts in the prefix's own
 * folder.
 */
function mayHold(folder: string, walk: Walk): boolean {
  return folder.startsWith(walk.prefix) && (folder > walk.after || walk.after.startsWith(folder))
}

/**
 * Returns the names that can be part of a key. The service itself omits names with a leading dot: its temporary files.
 */
function parseListing(listing: unknown): readonly string[] {
  if (!Array.isArray(listing)) throw new Error('list: expected a JSON list of folder entries from the disk service')
  return listing.flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null || !('name' in entry && 'type' in entry)) return []
    const { name, type } = entry
    if (typeof name !== 'string' || !/^[A-Za-z0-9._=-]+$/.test(name)) return []
    if (type === 'file') return [name]
    return type === 'directory' ? [`${name}/`] : []
  })
}

function keyToUrl(key: string): string {
  return `http://lake/${key}`
}

/** The service answers a folder with a JSON listing, and a file with a stream of bytes. */
function isFolder(response: Response): boolean {
  return response.ok && response.headers.get('content-type') === 'application/json'
}

/** workerd keeps a response open until its body is read or cancelled. */
async function dropBody(response: Response): Promise<void> {
  await response.body?.cancel()
}

async function failure(what: string, response: Response): Promise<Error> {
  return new Error(`${what}: ${response.status} ${(await response.text()).slice(0, 500)}`)
}
