// The server's way to the processes that run code, and to the launcher, which starts them and ends those that freeze.

import type { Fetching } from '@dotdo/db'
import { ObjectError } from 'digital-objects'
import { RunConnection } from './run-connection.ts'
import { generationHeader } from './serve-runs.ts'

export interface SandboxBindings {
  /** One socket for each process. Connecting is refused while the process is not running. */
  readonly processes: readonly Fetching[]
  /** The launcher: `POST /start`, `/end` and `/restart`. */
  readonly launcher: Fetching
}

/** Why a process has ended, as the launcher tells. */
export type ProcessEnd = 'froze' | 'memory' | 'stopped' | 'died'

const ends: readonly ProcessEnd[] = ['froze', 'memory', 'stopped', 'died']
const connectAttemptsMax = 5
const retryMs = 50

export class SandboxProcesses {
  readonly #bindings: SandboxBindings
  /** Processes that were running when last seen. */
  readonly #started = new Set<number>()
  /** The generation of each process that has ended last, as far as a run has noticed. */
  readonly #ended = new Map<number, string>()

  constructor(bindings: SandboxBindings) {
    this.#bindings = bindings
  }

  get count(): number {
    return this.#bindings.processes.length
  }

  /**
   * Opens a connection, and starts the process if it is not running. Throws an ObjectError `not_configured` if
   * it cannot be started.
   */
  async connect(index: number): Promise<RunConnection> {
    for (let attempt = 1; attempt <= connectAttemptsMax; attempt++) {
      if (!this.#started.has(index)) await this.#start(index)
      try {
        const answer = await this.#bindings.processes[index]?.fetch('http://sandbox/run', {
          headers: { upgrade: 'websocket' },
        })
        if (answer?.webSocket) {
          const connection = new RunConnection(answer.webSocket, answer.headers.get(generationHeader) ?? '')
          answer.webSocket.accept()
          return connection
        }
      } catch (error) {
        // Refused or cut: the process is not running yet, or no longer.
        if (!(error instanceof Error)) throw error
      }
      this.#started.delete(index)
      if (attempt > 1) await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
    throw unavailable('the process that runs code does not accept runs')
  }

  /** Whether a connection to this process is of no use. */
  hasEnded(index: number, generation: string): boolean {
    return this.#ended.get(index) === generation
  }

  /** Resolves to the reason once the process has ended; `died` if nobody knows. */
  async endOf(index: number, generation: string): Promise<ProcessEnd> {
    this.#started.delete(index)
    this.#ended.set(index, generation)
    const text = await this.#tell(`end?process=${index}&generation=${encodeURIComponent(generation)}`)
    return ends.find((end) => end === text) ?? 'died'
  }

  async restart(index: number): Promise<void> {
    this.#started.delete(index)
    await this.#tell(`restart?process=${index}`)
  }

  async #start(index: number): Promise<void> {
    await this.#tell(`start?process=${index}`)
    this.#started.add(index)
  }

  async #tell(order: string): Promise<string> {
    const answer = await this.#bindings.launcher.fetch(`http://launcher/${order}`, { method: 'POST' })
    const text = await answer.text()
    if (!answer.ok) throw unavailable(text)
    return text
  }
}

function unavailable(reason: string): ObjectError {
  const message = `this server cannot run code at present, and does everything else: ${reason.slice(0, 500)}`
  return new ObjectError({ code: 'not_configured', field: 'code', message })
}
