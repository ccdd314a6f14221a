// The registry of a tenant's files, in its object: uploads, stored files by their hash, and when bytes may have to be removed. Bytes
// that are being removed are in no asset: the registry is changed between two awaits, and so are the assets.

import type { ObjectParts } from '@dotdo/service'
import { ObjectError } from 'digital-objects'
import type { JsonValue } from 'digital-objects'
import { type FileLimits, uploadMs, uploadsMax } from './file-limits.ts'

export interface Upload {
  readonly state: 'open'
  readonly size: number
  readonly actor: string
  readonly filename: string
  readonly claimedType: string
  /** Fields of the asset that it will be. */
  readonly fields: Readonly<Record<string, JsonValue>>
}

export interface KnownFile {
  readonly state: 'stored' | 'removing'
  readonly size: number
  readonly hash: string
  readonly mediaType: string
  /** The upload that has brought it, and the file with its content, so that a repetition becomes the same asset. */
  readonly finished?: { readonly upload: Upload; readonly file: string } | undefined
  /** Whether the registry had lost it, so that it may belong to an asset that was erased meanwhile. */
  readonly isAdopted?: true
}

/** A file that the store has whole. */
type WholeFile = Pick<KnownFile, 'size' | 'hash' | 'mediaType'>

type Entry = Upload | KnownFile

interface Total {
  readonly bytes: number
  readonly uploads: number
}

const totalKey = 'file-total'
const duePrefix = 'file-due:'
const usePrefix = 'file-use:'
const pageMax = 1_000

type Parts = Pick<ObjectParts, 'values' | 'idsWith'>
type Values = NonNullable<ReturnType<ObjectParts['values']>>

export class FileRegistry {
  readonly #parts: Parts
  readonly #now: () => number
  readonly #graceMs: () => number

  /** `now` is the server's clock. Bytes that no asset names are removed after `graceMs`. */
  constructor(parts: Parts, { now, graceMs }: { readonly now: () => number; readonly graceMs: () => number }) {
    this.#parts = parts
    this.#now = now
    this.#graceMs = graceMs
  }

  find(id: string): Entry | undefined {
    const value = this.#parts.values()?.get(keyOf(id))
    return value === undefined ? undefined : (JSON.parse(value.value) as Entry) // written here
  }

  /** The bytes of all files and open uploads. */
  get total(): Total {
    const value = this.#parts.values()?.get(totalKey)
    return value === undefined ? { bytes: 0, uploads: 0 } : (JSON.parse(value.value) as Total) // written here
  }

  /** Reserves the bytes of an upload. Throws an ObjectError. */
  begin(id: string, upload: Upload, { bytesMax, tenantBytesMax }: FileLimits): void {
    const { bytes, uploads } = this.total
    if (upload.size > bytesMax) throw tooLarge('size', `a file has at most ${bytesMax} bytes, got ${upload.size}`)
    if (bytes + upload.size > tenantBytesMax)
      throw tooLarge('size', `the files of a tenant have at most ${tenantBytesMax} bytes: ${bytes} are in use`)
    if (uploads >= uploadsMax)
      throw tooLarge('uploads', `a tenant has at most ${uploadsMax} unfinished uploads: finish one, or remove it`)
    this.#put(id, upload)
    this.#setTotal({ bytes: bytes + upload.size, uploads: uploads + 1 })
    this.#setDue(id, this.#now() + uploadMs)
  }

  /** The upload that an actor has begun, also if its bytes are all there already. */
  uploadOf(id: string, actor: string): Upload | undefined {
    const entry = this.find(id)
    const upload = entry?.state === 'open' ? entry : entry?.finished?.upload
    return upload?.actor === actor ? upload : undefined
  }

  /** Records that all bytes of an upload are there. Returns the id of the file with this content, which may be an earlier one. */
  store(id: string, upload: Upload, { hash, mediaType }: Pick<KnownFile, 'hash' | 'mediaType'>): string {
    const before = this.find(id)
    if (before?.state !== 'open') return before?.finished?.file ?? id
    const earlier = this.#values.named(nameOf(hash))
    const { bytes, uploads } = this.total
    if (earlier !== undefined) {
      const stored = earlier.key.slice(keyOf('').length)
      this.#setTotal({ bytes, uploads: uploads - 1 })
      this.#put(id, { state: 'removing', size: upload.size, hash, mediaType, finished: { upload, file: stored } })
      this.#setDue(id, this.#now() + uploadMs)
      this.#setDue(stored, this.#now() + this.#graceMs())
      this.#values.put({ key: broughtKey(stored, upload.actor), value: '', endsMs: this.#now() + uploadMs })
      return stored
    }
    this.#setTotal({ bytes, uploads: uploads - 1 })
    this.#put(id, { state: 'stored', size: upload.size, hash, mediaType, finished: { upload, file: id } })
    this.#setDue(id, this.#now() + this.#graceMs())
    return id
  }

  /** Whether the actor has sent these bytes, also if another one had before. */
  hasBrought(file: string, actor: string): boolean {
    const entry = this.find(file)
    if (entry !== undefined && entry.state !== 'open' && entry.finished?.upload.actor === actor) return true
    return this.#parts.values()?.get(broughtKey(file, actor)) !== undefined
  }

  /** Makes the removal of an upload due. */
  abandon(id: string): void {
    if (this.find(id)?.state === 'open') this.#setDue(id, this.#now())
  }

  /** Call it when an asset may have begun or ceased to name a file. */
  used(asset: string, file: string | undefined): void {
    const before = this.#parts.values()?.get(usePrefix + asset)?.value
    if (before === file) return
    if (file === undefined) this.#values.delete(usePrefix + asset)
    else this.#values.put({ key: usePrefix + asset, value: file })
    if (before !== undefined) this.reconsider(before, this.#now() + this.#graceMs())
  }

  /** Whether the asset was seen with a file. */
  isKept(asset: string): boolean {
    return this.#parts.values()?.get(usePrefix + asset) !== undefined
  }

  /** Call it when an asset was erased: its bytes go at once, unless another one has them too. */
  erased(asset: string): void {
    const file = this.#parts.values()?.get(usePrefix + asset)?.value
    if (file === undefined) return this.#hastenAdopted()
    this.#values.delete(usePrefix + asset)
    const entry = this.find(file)
    // The words of its sender go too, if the bytes stay.
    if (entry?.state === 'stored') this.#put(file, { ...entry, finished: undefined })
    this.reconsider(file, this.#now())
  }

  /** Enters bytes that the store has and the registry does not know. Those that are no whole file of use are removed. */
  adopt(id: string, whole: WholeFile | undefined, bytes: number): void {
    if (this.find(id) !== undefined || (whole === undefined && bytes === 0)) return
    const assets = this.#assetsOf(id, pageMax)
    const isKnown = whole !== undefined && this.#values.named(nameOf(whole.hash)) !== undefined
    const total = this.total
    this.#setTotal({ ...total, bytes: total.bytes + bytes })
    if (whole === undefined || (assets.length === 0 && isKnown)) {
      this.#put(id, { state: 'removing', size: bytes, hash: '', mediaType: 'application/octet-stream' })
      return this.#setDue(id, this.#now())
    }
    const { size, hash, mediaType } = whole
    this.#put(id, { state: 'stored', size, hash, mediaType, isAdopted: true })
    for (const asset of assets) this.#values.put({ key: usePrefix + asset, value: id })
    if (assets.length === 0) this.#setDue(id, this.#now() + this.#graceMs())
  }

  get isEmpty(): boolean {
    return (this.#parts.values()?.list({ prefix: keyOf(''), limit: 1 }) ?? []).length === 0
  }

  /** Counts the total again, from all entries. */
  count(): void {
    let [bytes, uploads] = [0, 0]
    for (const { entry } of this.#entries(keyOf(''))) {
      bytes += entry.size
      if (entry.state === 'open') uploads++
    }
    this.#setTotal({ bytes, uploads })
  }

  /** At most `limit` files that assets name, after `after`, in order. */
  namedAfter(after: string, limit: number): readonly string[] {
    const found: string[] = []
    for (const { id, entry } of this.#entries(keyOf(after))) {
      if (entry.state === 'stored' && this.#isNamed(id)) found.push(id)
      if (found.length === limit) break
    }
    return found
  }

  *#entries(after: string): Generator<{ readonly id: string; readonly entry: Entry }> {
    for (let [key, hasMore] = [after, true]; hasMore;) {
      const page = this.#parts.values()?.list({ prefix: keyOf(''), after: key, limit: pageMax }) ?? []
      for (const { key: each, value } of page)
        yield { id: each.slice(keyOf('').length), entry: JSON.parse(value) as Entry } // written here
      key = page.at(-1)?.key ?? key
      hasMore = page.length === pageMax
    }
  }

  /** Which file an erased asset had is not known any more, so it may be any that was adopted and that no asset names. */
  #hastenAdopted(): void {
    for (const { id, entry } of this.#entries(keyOf('')))
      if (entry.state === 'stored' && entry.isAdopted === true) this.reconsider(id, this.#now())
  }

  /** Makes the removal of a file due, if no asset names it. */
  reconsider(file: string, dueMs: number): void {
    if (this.find(file) !== undefined && !this.#isNamed(file)) this.#setDue(file, dueMs)
  }

  get nextDueMs(): number | undefined {
    const key = this.#parts.values()?.list({ prefix: duePrefix, limit: 1 })[0]?.key
    return key === undefined ? undefined : Number(key.slice(duePrefix.length).split(':')[0])
  }

  /** Takes the file that is due longest, if its bytes have to be removed. Nothing can name it from here on. */
  takeDue(): { readonly id: string; readonly isToRemove: boolean } | undefined {
    const key = this.#parts.values()?.list({ prefix: duePrefix, limit: 1 })[0]?.key
    const [ms, id = ''] = key?.slice(duePrefix.length).split(':') ?? []
    if (key === undefined || Number(ms) > this.#now()) return undefined
    const entry = this.find(id)
    if (entry === undefined || (entry.state === 'stored' && this.#isNamed(id))) {
      this.#values.delete(key)
      return { id, isToRemove: false }
    }
    // Its name goes too, so that no upload finds it by its hash.
    if (entry.state === 'open') this.#setTotal({ ...this.total, uploads: this.total.uploads - 1 })
    if (entry.state !== 'removing')
      this.#put(id, { state: 'removing', size: entry.size, hash: '', mediaType: 'application/octet-stream' })
    return { id, isToRemove: true }
  }

  /** Forgets a file whose bytes are gone. */
  removed(id: string): void {
    const entry = this.find(id)
    if (entry === undefined) return
    const { bytes, uploads } = this.total
    this.#setTotal({ bytes: Math.max(0, bytes - entry.size), uploads })
    this.#values.delete(keyOf(id))
    this.#dropDue(id)
  }

  #isNamed(file: string): boolean {
    return this.#assetsOf(file, 1).length > 0
  }

  #assetsOf(file: string, limit: number): readonly string[] {
    return this.#parts.idsWith('Asset', { field: 'file', value: file, limit })
  }

  #put(id: string, entry: Entry): void {
    const name = entry.state === 'stored' ? nameOf(entry.hash) : undefined
    this.#values.put({ key: keyOf(id), value: JSON.stringify(entry), name, meta: this.#metaOf(id) })
  }

  /** The meta of a file is when it is due, by which that is found again. */
  #setDue(id: string, dueMs: number): void {
    this.#dropDue(id)
    const value = this.#values.get(keyOf(id))
    if (value === undefined) return
    const entry = JSON.parse(value.value) as Entry // written here
    const due = String(Math.max(0, dueMs)).padStart(15, '0')
    this.#values.put({ key: `${duePrefix}${due}:${id}`, value: '' })
    const name = entry.state === 'stored' ? nameOf(entry.hash) : undefined
    this.#values.put({ key: keyOf(id), value: value.value, name, meta: due })
  }

  #dropDue(id: string): void {
    const due = this.#metaOf(id)
    if (due !== undefined) this.#values.delete(`${duePrefix}${due}:${id}`)
  }

  #metaOf(id: string): string | undefined {
    return this.#values.get(keyOf(id))?.meta
  }

  #setTotal(total: Total): void {
    this.#values.put({ key: totalKey, value: JSON.stringify(total) })
  }

  get #values(): Values {
    const values = this.#parts.values()
    if (values !== undefined) return values
    throw new ObjectError({ code: 'not_found', field: 'tenant', message: 'the tenant has no data yet' })
  }
}

function keyOf(id: string): string {
  return `file:${id}`
}

/** Kept as long as the upload can be finished again. */
function broughtKey(file: string, actor: string): string {
  return `file-brought:${file}:${actor}`
}

function nameOf(hash: string): string {
  return `file-hash:${hash}`
}

function tooLarge(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'payload_too_large', field, message })
}
