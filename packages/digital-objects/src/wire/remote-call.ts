// What a client and its server say to each other: calls that travel together in one message. A call may use what an
// earlier one of its message comes to, so that a chain of them is one round trip.

import type { PipelineStep } from './pipeline.ts'

interface Travelling {
  readonly references?: readonly Reference[]
  /** Nobody waits for its answer: it is there for those that refer to it. */
  readonly isSilent?: true
}

export interface RemoteRead extends Travelling {
  readonly kind: 'read'
  readonly read: 'get' | 'find' | 'count' | 'history' | 'diff' | 'events' | 'event' | 'status'
  /** Absent for the log, and for the tenant's status. */
  readonly noun?: string
  /** For `get`, `history`, `diff` and `event`. */
  readonly id?: string
  /** By name, as REST takes them. */
  readonly parameters: Readonly<Record<string, string>>
}

export interface RemoteWrite extends Travelling {
  readonly kind: 'write'
  readonly noun: string
  /** `create`, `update`, `delete`, `rollback`, or a custom verb's infinitive. */
  readonly verb: string
  /** Absent where the verb creates. */
  readonly id?: string
  /** JSON text. */
  readonly body: string
  readonly ifVersion?: number
  readonly idempotencyKey?: string
}

/** A `find` or a `get`, and what is done with what it gives. */
export interface RemotePipeline extends Travelling {
  readonly kind: 'pipeline'
  readonly read: 'find' | 'get'
  readonly noun: string
  /** For `get`. */
  readonly id?: string
  readonly parameters: Readonly<Record<string, string>>
  readonly steps: readonly PipelineStep[]
}

export type RemoteCall = RemoteRead | RemoteWrite | RemotePipeline

/** Puts a part of what an earlier call of the message comes to into this one. */
export interface Reference {
  /** The call's place in the message. */
  readonly call: number
  /** Names of fields, from the call's result on; none takes all of it. */
  readonly path: readonly string[]
  /** Where it goes: the id, or a place in the JSON of the body or of the parameter `filter`. */
  readonly into: 'id' | 'body' | 'filter'
  readonly at: readonly string[]
}

/** Calls of one message. */
export const callsMax = 100
/** References of one call, and names in the path of one. */
export const referencesMax = 100
export const referencePathMax = 16
/** Of a write's body, as REST limits it, and of its key. */
export const bodyCharactersMax = 2 ** 20
export const keyCharactersMax = 255
/** JSON of one message. */
export const messageCharactersMax = 4 * 2 ** 20
