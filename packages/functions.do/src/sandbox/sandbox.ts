// Where a developer's code runs: it can call its tenant and do nothing else. No network, no bindings, and nothing that it
// leaves behind: one run never meets what another did to its globals.

import type { JsonValue, ObjectErrorData } from 'digital-objects'

export interface Sandbox {
  /**
   * What the code came to. Throws an ObjectError `overloaded` where as many run as may; whatever the code does is an
   * outcome. Past the deadline it may still be at work: whoever made `send` then refuses what it calls.
   */
  run(job: SandboxJob): Promise<SandboxOutcome>
}

export interface SandboxJob {
  /** The source of one function, as `parseCode` gives it. */
  readonly code: string
  /** The function's second argument. */
  readonly given?: JsonValue
  readonly tenant: string
  /** Where the tenants are: `http://localhost:8787`. */
  readonly endpoint: string
  /** The newest point of the log that the caller has seen. */
  readonly bookmark?: string
  /** Takes one message of calls and gives their answers, as RPC does. Never rejects. */
  readonly send: (message: string) => Promise<readonly string[]>
}

export type SandboxOutcome = Returned | Failed

interface Ended {
  /** What it wrote to the console, a text for each line. */
  readonly logs: readonly string[]
  /** The newest point of the log that the code has seen; absent where it did not say. */
  readonly bookmark?: string
}

export interface Returned extends Ended {
  readonly ok: true
  /** JSON text of an object: `result`, and `exceptions` where JSON has no words for all of it. */
  readonly body: string
}

export interface Failed extends Ended {
  readonly ok: false
  readonly error: ObjectErrorData
}

/** Of the source, in UTF-8: what a person or a model writes at a time. */
export const codeBytesMax = 64 * 2 ** 10
/** Whoever waits for longer than this wants a job, not an answer. */
export const runMsMax = 10_000
export const callsPerRunMax = 1_000
export const resultBytesMax = 2 ** 20
export const logLinesMax = 100
export const logCharactersMax = 1_000
