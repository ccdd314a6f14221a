// Runs a developer's code, which can call its tenant and nothing else. It has no network and no bindings, and leaves
// nothing behind: no run sees another run's changes to globals.

import type { JsonValue, NounDefinition, ObjectErrorData } from 'digital-objects'

export interface Sandbox {
  /**
   * Resolves to the outcome; any failure of the code is an outcome. Throws an ObjectError if it cannot run the code:
   * `overloaded` after too long a wait for other runs, `not_configured` if what runs code is missing. `openCalls` opens
   * the way to the tenant for one attempt; a sandbox may make several.
   */
  run(job: SandboxJob, openCalls: () => RunCalls): Promise<SandboxOutcome>
  /** Returns this sandbox for the runs of one Durable Object, which alone may use what is kept from one run to the next. */
  ofObject?(): Sandbox
}

export interface SandboxJob {
  /** The source of one function, as `parseCode` returns it. */
  readonly code: string
  /** `check` parses the code instead of running it, and returns what `inside/check/check-source.ts` finds. */
  readonly program?: 'check'
  /** Names an isolate that is kept for further runs of the same code, which see each other's globals. By default none is. */
  readonly warmKey?: string
  /** Names what the code is run with: code that has ended its process is refused for a while with the same input. */
  readonly inputKey?: string
  /** True if the function takes `given` as its arguments, with the client as the second. By default the client is the first. */
  readonly isHandler?: boolean
  /** The tenant's own definitions and additions by name, which the code's client adds to the built-in Nouns. */
  readonly definitions: Readonly<Record<string, NounDefinition>>
  /** The function's second argument; for a handler, a list of its first and third. */
  readonly given?: JsonValue
  readonly tenant: string
  /** The address of the server: `http://localhost:8787`. */
  readonly endpoint: string
  /** The newest point of the log that the caller has seen. */
  readonly bookmark?: string
  /** The time at which `Date` stands still in the code; without it, `Date` goes by the server's clock. */
  readonly nowMs?: number
  /** Placeholders of the secrets of the tenant that the code may send, by name. The server puts the secret in its place. */
  readonly secrets?: Readonly<Record<string, string>>
}

/** The calls of one attempt. */
export interface RunCalls {
  /** Takes one message of calls and returns their answers, as RPC does. Never rejects. */
  readonly send: (message: string) => Promise<readonly string[]>
  /** Takes a request to another server as JSON and returns its answer, in the forms of `inside/outside-fetch.ts`. Never rejects. */
  readonly outside?: (request: string) => Promise<string>
  /** Whether running the code again from its start cannot apply a write twice. */
  readonly isRepeatable: () => boolean
  /** Resolves if the attempt must end before the code does. */
  readonly ended: Promise<ObjectErrorData>
  /** Refuses every later call: the code may still be running. */
  readonly close: () => void
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
  /** True if the code was ended before its end. */
  readonly isCut?: boolean
  /** True if the code has ended its process, now or when it ran last. */
  readonly isHarmful?: boolean
}

/** Size of the source in UTF-8: as much as a person or a model writes at a time. */
export const codeBytesMax = 64 * 2 ** 10
/** Longer work should be a job. */
export const runMsMax = 10_000
/** A run without a break of this length is ended. Cloudflare counts all CPU time of a run instead. */
export const busyMsMax = 1_000
export const callsPerRunMax = 1_000
/** Messages of a run that wait for their answers. Each answer may hold 32 MB. */
export const messagesInProgressMax = 2
/** Requests of a run to other servers, and the size of each in characters of JSON. */
export const outsideRequestsMax = 10
export const outsideRequestCharactersMax = 512 * 2 ** 10
export const resultBytesMax = 2 ** 20
export const logLinesMax = 100
export const logCharactersMax = 1_000
