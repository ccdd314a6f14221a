// The contract between the front door and a tenant's object: calls in, answers out, both as plain data that crosses
// isolates. What needs the tenant's Nouns to be understood (filters, sorts, bodies) travels unparsed.

import type { Call, ObjectErrorData } from 'digital-objects'
import type { Caller } from './caller.ts'

export interface Answered {
  readonly ok: true
  /** JSON; empty for `delete`. */
  readonly body: string
  /** Opaque: the point of the log that this answer reflects. */
  readonly bookmark: string
  /** What answered: the tenant's object, its log, its files, or a cached answer from files. */
  readonly source: 'object' | 'log' | 'files' | 'cache'
  /** The entity's `$version`, if the body is one entity. */
  readonly version?: number
  /** The entity's id, if the call created it. */
  readonly createdId?: string
  /** This answer repeats that of an earlier request with the same idempotency key. */
  readonly isReplay?: boolean
  /** What was asked for goes on; the body says how far it is. */
  readonly isUnfinished?: boolean
}

export interface Refused {
  readonly ok: false
  readonly error: ObjectErrorData
  readonly bookmark: string
}

export type Answer = Answered | Refused

/** Calls of one caller. References point to earlier calls of the list. */
export interface CallMessage {
  readonly caller: Caller
  readonly calls: readonly Call[]
}

/** The one entry point of a tenant's object for calls. Live events come through its `fetch`. */
export interface AnswersCalls {
  /** The answers in the order of the calls, as one string; `askTenant` takes it apart. */
  answer(message: CallMessage): Promise<string>
}
