// Brings the registry of files in step with the object store: after a restore, which may have lost entries of it, and once a day, since a
// server that is killed may leave bytes that no entry names. The store and the assets are the truth.

import type { ObjectParts } from '@dotdo/service'
import type { FileRegistry } from './file-registry.ts'
import { isFileId, readParts, readRecord, totalOf } from './stored-file.ts'

const pageMax = 1_000
const sweepMs = 86_400_000
const stateKey = 'file-sweep'

interface SweepState {
  /** The restore, of `ObjectParts.restored`, after which the last whole sweep has begun. */
  readonly restored: string
  /** The time at which it has ended. */
  readonly endedMs: number
  /** The key up to which a sweep has come that goes on, and the restore after which it began. */
  readonly at?: { readonly after: string; readonly restored: string }
}

type Parts = Pick<ObjectParts, 'files' | 'values' | 'restored'>

export class FileSweep {
  readonly #parts: Parts
  readonly #registry: FileRegistry
  readonly #now: () => number

  constructor(parts: Parts, registry: FileRegistry, now: () => number) {
    this.#parts = parts
    this.#registry = registry
    this.#now = now
  }

  /** Whether a restore may have lost entries, which no sweep has brought back yet. */
  get isStale(): boolean {
    return this.#hasStore && this.#state.restored !== this.#parts.restored()
  }

  get dueMs(): number | undefined {
    if (!this.#hasStore) return undefined
    if (this.isStale || this.#state.at !== undefined) return this.#now()
    // A tenant without files costs no alarms.
    return this.#registry.isEmpty ? undefined : this.#state.endedMs + sweepMs
  }

  /** Without an object store there is nothing to compare, and no step would get on. */
  get #hasStore(): boolean {
    return this.#parts.values() !== undefined && this.#parts.files() !== undefined
  }

  /** Returns after the entries are complete. */
  async catchUp(): Promise<void> {
    while (this.isStale) await this.step()
  }

  /** Looks at some of the store's objects. A step that is killed is repeated. */
  async step(): Promise<void> {
    const [files, values] = [this.#parts.files(), this.#parts.values()]
    if (files === undefined || values === undefined) return
    const before = this.#state
    // A loss by a restore may be before the place that a sweep has reached.
    const restored = this.#parts.restored()
    const at = before.at?.restored === restored ? before.at : { after: '', restored }
    const page = await files.list({ prefix: '', limit: pageMax, ...(at.after === '' ? {} : { after: at.after }) })
    const ids = new Set(page.objects.map(({ key }) => key.slice(0, key.indexOf('/'))))
    for (const id of ids) if (isFileId(id)) await this.#look(id)
    const last = page.objects.at(-1)?.key
    const next: SweepState =
      page.hasMore && last !== undefined
        ? { ...before, at: { after: last, restored } }
        : { restored, endedMs: this.#now() }
    if (next.at === undefined) this.#registry.count()
    values.put({ key: stateKey, value: JSON.stringify(next) })
  }

  async #look(id: string): Promise<void> {
    const files = this.#parts.files()
    if (files === undefined || this.#registry.find(id) !== undefined) return
    const record = await readRecord(files, id)
    const bytes = record === undefined ? totalOf(await readParts(files, id)) : record.size
    this.#registry.adopt(id, record, bytes)
  }

  get #state(): SweepState {
    const text = this.#parts.values()?.get(stateKey)?.value
    return text === undefined ? { restored: '', endedMs: 0 } : (JSON.parse(text) as SweepState) // written here
  }
}
