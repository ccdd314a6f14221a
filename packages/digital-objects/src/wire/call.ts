// A call: one request to a tenant, as data. REST routes, RPC messages, code next to the data and the client all produce
// it, and the tenant's object answers it. The caller is a separate value, which only the server creates.

import type { ExpectedVersion } from './expected-version.ts'
import type { PipelineStep } from './pipeline.ts'

/** Query parameters as they arrive: `filter`, `sort`, `limit`, `asOf`, and bare field names. */
export type Parameters = Readonly<Record<string, string>>

interface InMessage {
  /** Values that earlier calls of the same message provide. */
  readonly references?: readonly Reference[]
  /** The client does not need the answer: only later calls of the message use it. */
  readonly isSilent?: true
}

interface ReadCall extends InMessage {
  readonly kind: 'read'
  /** The name of a read: `get`, `find`, `history`, ... The server has the list of reads. */
  readonly read: string
  /** Absent for reads of the whole tenant, such as `events` and `status`. */
  readonly noun?: string
  readonly id?: string
  readonly parameters: Parameters
}

interface WriteCall extends InMessage {
  readonly kind: 'write'
  /** `create`, `update`, `delete`, `rollback`, a custom verb's infinitive, or the name of another write. */
  readonly verb: string
  readonly noun: string
  /** Absent if the verb creates. */
  readonly id?: string
  /** JSON, or an empty string, which means `{}`. */
  readonly body: string
  /** The versions that the entity may have. */
  readonly ifVersion?: ExpectedVersion
  /** The write is tried and rolled back: the answer says what it would do. */
  readonly isDryRun?: true
  /** The time at which it happened, a past timestamp with an offset; by default the time of the commit. */
  readonly at?: string
  /** The reason for which an administrator forces the write past the table of transitions and frozen fields. */
  readonly force?: string
  /** Scope: tenant, actor, key. `isIdempotencyKey` says which strings are keys. */
  readonly idempotencyKey?: string
}

/** A `find` or a `get`, and the steps that the server applies to its result. */
interface PipelineCall extends InMessage {
  readonly kind: 'pipeline'
  readonly read: 'find' | 'get'
  readonly noun: string
  /** Required for `get`. */
  readonly id?: string
  readonly parameters: Parameters
  readonly steps: readonly PipelineStep[]
}

/** An operator's command on the tenant's files, such as `lake/verify`. It takes as long as it has to read. */
interface CommandCall extends InMessage {
  readonly kind: 'command'
  readonly command: string
  /** Only the server's own routes have them. */
  readonly parameters?: Parameters
}

export type Call = ReadCall | WriteCall | PipelineCall | CommandCall

/** `CallOf<'read'>` is `ReadCall`. */
export type CallOf<Kind extends Call['kind']> = Extract<Call, { readonly kind: Kind }>

/** Puts a part of an earlier call's result into this call. */
export interface Reference {
  /** The earlier call's index in the message. */
  readonly call: number
  /** Field names, starting at the result; an empty path takes the whole result. */
  readonly path: readonly string[]
  /** The target: the id, or a path in the JSON of the body or of the parameter `filter`. */
  readonly into: 'id' | 'body' | 'filter'
  readonly at: readonly string[]
}

/** Limits the calls in one message. */
export const callsMax = 100
/** Limits the references in one call, and the names in one reference's path. */
export const referencesMax = 100
export const referencePathMax = 16
/** Limits the body of a write, on REST as well. */
export const bodyCharactersMax = 2 ** 20
/** Limits the JSON of one message. */
export const messageCharactersMax = 4 * 2 ** 20
/**
 * Limit one frame of a WebSocket, which holds one or more lines. A message is a string within a line, so each of its
 * quotes takes two characters.
 */
export const frameCharactersMax = 2 * messageCharactersMax + 10_000
export const frameLinesMax = 1_000
