// An object store in a folder, through workerd's writable disk service: the embedded server's lake, where other programs
// can read the files while it runs.
//
// What differs from the interface: a key cannot also be the folder of others (`a` beside `a/b`), and `put` refuses
// segments that begin with a dot, since the service hides them, or that are too long for a file's name.

import { checkKey, type ByteRange, type ObjectStore, type StoredObject } from './object-store.ts'

/** What answers HTTP: a service binding, or in a test a socket. */
export interface Fetching {
  fetch(url: string, init?: RequestInit): Promise<Response>
}

/** File names have at most 255 bytes, and the service's temporary `.<name>.<process>.<count>.tmp` is one as well. */
const segmentLengthMax = 200
/** The launcher takes no more in one call. */
const syncedKeysMax = 1_000
const syncTimeoutMs = 60_000
/** At a time; workerd opens a file for each. */
const headsMax = 32
/** In one `list`: a deleted object leaves its folder, and a walk through empty ones has to end. */
const foldersMax = 10_000

export class DiskObjectStore implements ObjectStore {
  readonly #disk: Fetching
  readonly #syncer: Fetching | undefined
  /** The last put of each key that is not done. */
  readonly #puts = new Map<string, Promise<unknown>>()

  /** `syncer` reaches the launcher, which can fsync. Between the callers of one store only does `ifAbsent` hold. */
  constructor(services: { readonly disk: Fetching; readonly syncer?: Fetching | undefined }) {
    this.#disk = services.disk
    this.#syncer = services.syncer
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    checkKey(key)
    if (range !== undefined && range.end <= range.start) return this.#getNothing(key)
    const last = range === undefined ? 0 : Math.min(range.end - 1, Number.MAX_SAFE_INTEGER)
    const headers = range === undefined ? {} : { range: `bytes=${range.start}-${last}` }
    const response = await this.#disk.fetch(keyToUrl(key), { headers })
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
    // A range that covers the file is answered with 200.
    return response.status === 200 && range !== undefined ? bytes.slice(range.start, range.end) : bytes
  }

  async head(key: string): Promise<number | undefined> {
    checkKey(key)
    const response = await this.#disk.fetch(keyToUrl(key), { method: 'HEAD' })
    if (response.status === 404 || isFolder(response)) return undefined
    const bytes = Number(response.headers.get('content-length') ?? Number.NaN)
    if (response.status !== 200 || !Number.isSafeInteger(bytes)) throw await failure(`head '${key}'`, response)
    return bytes
  }

  async put(key: string, bytes: Uint8Array, options: { readonly ifAbsent: boolean }): Promise<boolean> {
    checkKey(key)
    if (key.split('/').some((segment) => segment.startsWith('.') || segment.length > segmentLengthMax)) {
      throw new Error(
        `put: a disk takes segments of at most ${segmentLengthMax} characters that begin with no dot, got '${key}'`,
      )
    }
    return this.#inTurn(key, async () => {
      if (options.ifAbsent && (await this.head(key)) !== undefined) return false
      const response = await this.#disk.fetch(keyToUrl(key), { method: 'PUT', body: bytes })
      if (response.status !== 204) throw await failure(`put '${key}'`, response)
      return true
    })
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      // The service deletes a folder with everything in it.
      if ((await this.head(key)) === undefined) continue
      const response = await this.#disk.fetch(keyToUrl(key), { method: 'DELETE' })
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
    for (let start = 0; start < Math.min(keys.length, limit); start += headsMax) {
      const some = keys.slice(start, Math.min(start + headsMax, limit))
      const sizes = await Promise.all(some.map((key) => this.head(key)))
      // One that was deleted meanwhile has no size.
      for (const [index, bytes] of sizes.entries()) {
        if (bytes !== undefined) objects.push({ key: some[index] ?? '', bytes })
      }
    }
    return { objects, hasMore: keys.length > limit }
  }

  async sync(keys: readonly string[]): Promise<void> {
    if (this.#syncer === undefined) {
      throw new Error('sync: this disk cannot tell what is durable, since no launcher stands behind it')
    }
    for (let start = 0; start < keys.length; start += syncedKeysMax) {
      const body = JSON.stringify({ keys: keys.slice(start, start + syncedKeysMax) })
      // A launcher that hangs makes nothing durable, and whoever waits for it should hear of that.
      const signal = AbortSignal.timeout(syncTimeoutMs)
      const response = await this.#syncer.fetch('http://launcher/sync', { method: 'POST', body, signal })
      if (response.status !== 204) throw await failure(`sync of ${keys.length} keys`, response)
    }
  }

  /** Another put of the key could come between HEAD and PUT, so the puts of a key go one after another. */
  async #inTurn<Result>(key: string, run: () => Promise<Result>): Promise<Result> {
    const mine = (this.#puts.get(key) ?? Promise.resolve()).then(run)
    // The next one goes on, whatever becomes of this one.
    const done = mine.catch(() => {})
    this.#puts.set(key, done)
    try {
      return await mine
    } finally {
      if (this.#puts.get(key) === done) this.#puts.delete(key)
    }
  }

  /** Keys in code unit order; `folder` is empty or ends with `/`. Opens only folders that may hold one. */
  async *#walk(folder: string, walk: Walk): AsyncGenerator<string> {
    if (walk.visited.add(folder).size > foldersMax) {
      throw new Error(`list: more than ${foldersMax} folders hold too little under '${walk.prefix}'`)
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

  /** Sorted, a folder's with its `/`: so `a.b` comes before `a/b`. Holds all names of the folder at once. */
  async #namesIn(folder: string): Promise<readonly string[]> {
    const response = await this.#disk.fetch(`http://lake/${folder}`)
    if (response.status === 200 && isFolder(response)) return parseListing(await response.json()).toSorted()
    if (response.status !== 200 && response.status !== 404) throw await failure(`list '${folder}'`, response)
    await dropBody(response)
    return []
  }

  /** No bytes of an object that is there: HTTP has no range for that. */
  async #getNothing(key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return (await this.head(key)) === undefined ? undefined : new Uint8Array(0)
  }
}

interface Walk {
  readonly prefix: string
  readonly after: string
  readonly visited: Set<string>
}

/** Whether a key in this folder can have the prefix and come after. The walk begins in the prefix's own folder. */
function mayHold(folder: string, walk: Walk): boolean {
  return folder.startsWith(walk.prefix) && (folder > walk.after || walk.after.startsWith(folder))
}

/** Only what can be part of a key. The service itself leaves out what begins with a dot: its temporary files. */
function parseListing(listing: unknown): readonly string[] {
  if (!Array.isArray(listing)) throw new Error('the disk service answered with no listing')
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

/** The service answers for a folder with its listing; every file is a stream of bytes to it. */
function isFolder(response: Response): boolean {
  return response.ok && response.headers.get('content-type') === 'application/json'
}

/** workerd keeps an answer open until its body was read or dropped. */
async function dropBody(response: Response): Promise<void> {
  await response.body?.cancel()
}

async function failure(what: string, response: Response): Promise<Error> {
  return new Error(`${what}: ${response.status} ${(await response.text()).slice(0, 500)}`)
}
