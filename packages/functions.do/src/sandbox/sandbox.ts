// Runs a developer's code, which can call its tenant and nothing else. It has no network and no bindings, and leaves
// nothing behind: no run sees another run's changes to globals.

import type { JsonValue, NounDefinition, ObjectErrorData } from 'digital-objects'

export interface Sandbox {
  /**
   * Resolves to the outcome; any failure of the code is an outcome. Throws an ObjectError `overloaded` if too many runs
   * are in progress. After the deadline the code may still be running, so the caller must refuse its further calls.
   */
  run(job: SandboxJob): Promise<SandboxOutcome>
}

export interface SandboxJob {
  /** The source of one function, as `parseCode` returns it. */
  readonly code: string
  /** The tenant's own definitions and additions by name, which the code's client adds to the built-in Nouns. */
  readonly definitions: Readonly<Record<string, NounDefinition>>
  /** The function's second argument. */
  readonly given?: JsonValue
  readonly tenant: string
  /** The address of the server: `http://localhost:8787`. */
  readonly endpoint: string
  /** The newest point of the log that the caller has seen. */
  readonly bookmark?: string
  /** Takes one message of calls and returns their answers, as RPC does. Never rejects. */
  readonly send: (message: string) => Promise<readonly string[]>
}

export type SandboxOutcome = Returned | Failed

interface Ended {
  /** Console output, one string per line. */
  readonly logs: readonly string[]
  /** The newest point of the log that the code has seen; absent if the report lacks it. */
  readonly bookmark?: string
}

export interface Returned extends Ended {
  readonly ok: true
  /** JSON of an object: `result`, and `exceptions` if JSON cannot express all of it. */
  readonly body: string
}

export interface Failed extends Ended {
  readonly ok: false
  readonly error: ObjectErrorData
}

/** Size of the source in UTF-8: as much as a person or a model writes at a time. */
export const codeBytesMax = 64 * 2 ** 10
/** Longer work should be a job. */
export const runMsMax = 10_000
export const callsPerRunMax = 1_000
export const resultBytesMax = 2 ** 20
export const logLinesMax = 100
export const logCharactersMax = 1_000
