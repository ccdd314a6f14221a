// Hashes passwords by scrypt (RFC 7914), one at a time, in an object of its own, for servers whose launcher does not. A hash holds
// the thread that serves everybody, so the object rests after each: sign-ins never take more than about half of the thread, and a
// queue that is full refuses.

import { scryptSync } from 'node:crypto'
import { DurableObject } from 'cloudflare:workers'

/** About 60 ms and 32 MB on a machine of 2026. A change needs a number beside the stored hashes. */
export const passwordCost = { N: 16_384, r: 16, p: 1, bytes: 32 } as const
const memoryMax = 64 * 2 ** 20
const restMs = 60
const waitingMax = 30

export interface PasswordHasherStub {
  /** Returns null if too many wait already. */
  hash(password: string, salt: ArrayBuffer): Promise<ArrayBuffer | null>
}

export class PasswordHasherDurableObject<Env> extends DurableObject<Env> {
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  async hash(password: string, salt: ArrayBuffer): Promise<ArrayBuffer | null> {
    if (this.#waiting >= waitingMax) return null
    this.#waiting++
    const hashed = this.#last.then(() => hashOf(password, salt))
    this.#last = hashed.then(rest, rest)
    try {
      return await hashed
    } finally {
      this.#waiting--
    }
  }
}

function hashOf(password: string, salt: ArrayBuffer): ArrayBuffer {
  const { bytes, ...cost } = passwordCost
  const hash = scryptSync(password, new Uint8Array(salt), bytes, { ...cost, maxmem: memoryMax })
  return new Uint8Array(hash).buffer
}

function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, restMs))
}
