// Immutable values in a KV namespace, which all data centres share. A name stands for one value for ever, so it does not
// matter that a write takes a minute to be visible elsewhere. KV is only ever a shortcut: it is waited for briefly, and
// its failures count as misses.

import { checksum, LruCache, withDeadline } from '@dotdo/db'
import type { KvNamespace } from '../base/env.ts'

export interface KvValuesOptions {
  readonly kv: KvNamespace
  readonly now: () => number
}

/** A read waits this long for KV. A value that is not near takes longer than reading the files. */
const kvWaitMsMax = 100
/** A write runs behind the answer. The platform ends what lasts longer than 30 s. */
const kvWriteMsMax = 10_000
/** After a read that failed or came late KV is not asked for this long, so that a failing KV delays one read, not each. */
export const kvPauseMs = 5_000
/** Unused values do not stay; a value that is still in use is written again. KV requires at least 60 s. */
export const kvLifeSeconds = 86_400
/** KV takes 25 MiB. An isolate has 128 MB for all that it does. */
export const kvValueBytesMax = 4 * 2 ** 20
/** Increases with every change of the envelope. It is part of the keys. */
const format = 1
/** Names that this isolate has written or tried to write, so that it writes each key once. */
const writtenMax = 10_000
const headBytes = 8

export class KvValues {
  readonly #options: KvValuesOptions
  readonly #written = new LruCache<true>(writtenMax)
  #pausedUntilMs = 0

  constructor(options: KvValuesOptions) {
    this.#options = options
  }

  /** Returns undefined if KV has no intact value of the name, or does not answer in time. Never throws. */
  async get(name: string): Promise<Uint8Array | undefined> {
    const { kv, now } = this.#options
    if (now() < this.#pausedUntilMs) return undefined
    try {
      const read = keyOf(name).then((key) => kv.get(key, 'arrayBuffer'))
      const value = await withDeadline(read, { ms: kvWaitMsMax, timeoutError: () => new Error('KV is late') })
      return value === null ? undefined : open(new Uint8Array(value), name)
    } catch {
      this.#pausedUntilMs = now() + kvPauseMs
      return undefined
    }
  }

  /** Writes a name at most once. May keep nothing. Never throws; the caller does not wait for it. */
  async put(name: string, value: Uint8Array): Promise<void> {
    const { kv, now } = this.#options
    if (value.length > kvValueBytesMax || now() < this.#pausedUntilMs || this.#written.get(name) === true) return
    this.#written.set(name, true, 1)
    try {
      const write = keyOf(name).then((key) => kv.put(key, seal(value, name), { expirationTtl: kvLifeSeconds }))
      await withDeadline(write, { ms: kvWriteMsMax, timeoutError: () => new Error('KV is late') })
    } catch {
      // The value is not kept. Another isolate may have written the key within the same second.
    }
  }
}

/** A name may be longer than the 512 bytes of a key. */
async function keyOf(name: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(name)))
  return `read/${format}/${Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/** The envelope: CRC-32 of the rest, length of the name, name, value. */
function seal(value: Uint8Array, name: string): ArrayBuffer {
  const nameBytes = new TextEncoder().encode(name)
  const sealed = new Uint8Array(headBytes + nameBytes.length + value.length)
  const view = new DataView(sealed.buffer)
  view.setUint32(4, nameBytes.length)
  sealed.set(nameBytes, headBytes)
  sealed.set(value, headBytes + nameBytes.length)
  view.setUint32(0, checksum(sealed.subarray(4)))
  return sealed.buffer
}

/** Returns undefined for anything but an intact envelope of this name. */
function open(sealed: Uint8Array, name: string): Uint8Array | undefined {
  if (sealed.length < headBytes) return undefined
  const view = new DataView(sealed.buffer, sealed.byteOffset, sealed.length)
  if (view.getUint32(0) !== checksum(sealed.subarray(4))) return undefined
  const end = headBytes + view.getUint32(4)
  if (end > sealed.length || new TextDecoder().decode(sealed.subarray(headBytes, end)) !== name) return undefined
  return sealed.subarray(end)
}
