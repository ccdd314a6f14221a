// The server's end of a WebSocket to a process that runs code: it carries one run at a time.

import type { ObjectErrorData } from 'digital-objects'
import { noRequests } from './no-requests.ts'
import { parseOutcome } from './parse-report.ts'
import { closeSocket, type LineSocket, listenForLines, type RunLine, sendLine } from './run-line.ts'
import { type Failed, type RunCalls, runMsMax, type SandboxOutcome } from './sandbox.ts'

/** The process ends a run itself after `runMsMax`; the server waits a little longer for its report. */
const graceMs = 2_000

interface Run {
  readonly calls: RunCalls
  readonly end: (outcome: SandboxOutcome | undefined) => void
  readonly fail: (error: unknown) => void
}

export class RunConnection {
  /** The process at the other end. */
  readonly generation: string
  readonly #socket: LineSocket
  #run: Run | undefined
  #isOpen = true

  /** `socket`: an accepted one. */
  constructor(socket: LineSocket, generation: string) {
    this.#socket = socket
    this.generation = generation
    listenForLines(socket, {
      received: (line) => this.#received(line),
      closed: (error) => {
        this.#isOpen = false
        if (error === undefined) this.#run?.end(undefined)
        else this.#run?.fail(error)
      },
    })
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /**
   * Resolves to undefined if the process has ended before it reported. The connection stays open only if the run has
   * reported its own end.
   */
  async run(job: string, calls: RunCalls): Promise<SandboxOutcome | undefined> {
    if (!this.#isOpen) return undefined
    const { promise, resolve, reject } = Promise.withResolvers<SandboxOutcome | undefined>()
    const run = { calls, end: resolve, fail: reject }
    this.#run = run
    const abandon = (outcome: Failed): void => {
      if (this.#run !== run) return
      resolve(outcome)
      this.close()
    }
    const timer = setTimeout(() => abandon(lateData), runMsMax + graceMs)
    void calls.ended.then((error) => abandon({ ok: false, logs: [], error }))
    try {
      sendLine(this.#socket, { kind: 'job', number: 0, text: job })
      return await promise
    } finally {
      clearTimeout(timer)
      this.#run = undefined
    }
  }

  close(): void {
    this.#isOpen = false
    closeSocket(this.#socket, 'the run has ended')
  }

  async #received({ kind, number, text }: RunLine): Promise<void> {
    const run = this.#run
    // The run was abandoned.
    if (run === undefined) return
    if (kind === 'outcome') {
      const outcome = parseOutcome(text)
      // The code of one that was cut off may still be running.
      if (!outcome.ok && outcome.isCut === true) this.close()
      return run.end(outcome)
    }
    if (kind !== 'calls' && kind !== 'request') throw new TypeError(`expected calls or an outcome, got ${kind}`)
    const answers = kind === 'calls' ? await run.calls.send(text) : [(await run.calls.outside?.(text)) ?? noRequests]
    if (this.#run === run && this.#isOpen)
      sendLine(this.#socket, { kind: 'answers', number, text: JSON.stringify(answers) })
  }
}

const lateError: ObjectErrorData = {
  code: 'timeout',
  field: 'code',
  message: `the code did not end within ${runMsMax} ms`,
}

const lateData: Failed = { ok: false, logs: [], error: lateError, isCut: true }
