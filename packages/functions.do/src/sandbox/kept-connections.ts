// Connections to processes that an object keeps for its next runs, since opening one takes longer than most stored functions.
// workerd lets only the object that has opened a socket use it, so each object has its own.

import type { RunConnection } from './run-connection.ts'

/** As many as the runs of stored functions that a tenant has at a time. */
const keptMax = 8
const keptMs = 5_000

interface Kept {
  readonly process: number
  readonly connection: RunConnection
  readonly timer: ReturnType<typeof setTimeout>
}

export class KeptConnections {
  #kept: readonly Kept[] = []

  /** Returns an open connection to the process, which then belongs to the caller. */
  take(process: number): RunConnection | undefined {
    const found = this.#kept.findLast((kept) => kept.process === process && kept.connection.isOpen)
    if (found === undefined) return undefined
    this.#drop(found)
    return found.connection
  }

  /** Keeps a connection without a run for a while, or closes it. */
  put(process: number, connection: RunConnection): void {
    if (!connection.isOpen) return
    const oldest = this.#kept.length < keptMax ? undefined : this.#kept[0]
    if (oldest !== undefined) this.#close(oldest)
    const timer = setTimeout(() => this.#close(kept), keptMs)
    const kept: Kept = { process, connection, timer }
    this.#kept = [...this.#kept, kept]
  }

  #close(kept: Kept): void {
    this.#drop(kept)
    kept.connection.close()
  }

  #drop(kept: Kept): void {
    clearTimeout(kept.timer)
    this.#kept = this.#kept.filter((other) => other !== kept)
  }
}
