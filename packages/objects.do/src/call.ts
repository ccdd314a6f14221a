// The contract between whoever fronts a tenant (the Worker today, RPC later) and its Durable Object: plain data in,
// plain data out, so that it crosses isolates. Texts that need a Noun to be understood (filters, sorts, bodies)
// travel unparsed, since the tenant's Nouns live in the object; JSON bodies come back as text, ready to send.

import type { ObjectErrorData, PipelineStep, RemoteCall, Via } from 'digital-objects'

/** Who calls, established in one place at the front door. */
export interface Caller {
  /** The tenant's slug. */
  readonly tenant: string
  /** The tenant's URL, `$context` of its entities: `http://localhost:8787/~acme`. */
  readonly context: string
  /** Who did it: `anonymous`, or an id such as `user_…`. */
  readonly actor: string
  readonly onBehalfOf?: string
  readonly via: Via
  /** The newest bookmark that the client has seen; one ahead of the log is refused. */
  readonly bookmark?: string
}

export interface WriteCall extends Caller {
  /** The Noun's name. */
  readonly noun: string
  /** `create`, `update`, `delete`, `rollback`, or a custom verb's infinitive. */
  readonly verb: string
  /** Absent for `create` and for verbs that create. */
  readonly id?: string
  /** The expected `$version`: `any` means that the entity must exist. */
  readonly ifVersion?: number | 'any'
  /** Scope: tenant, actor, key. At most 255 characters. */
  readonly idempotencyKey?: string
  /** The JSON body as it came; empty or absent means `{}`. */
  readonly body?: string
}

/** Query parameters as they came: `filter`, `sort`, `limit`, `cursor`, `include`, `fields`, `asOf`, `count`, and bare field names. */
export type Parameters = Readonly<Record<string, string>>

export type ReadCall = Caller &
  (
    | { readonly read: 'get'; readonly noun: string; readonly id: string; readonly parameters: Parameters }
    | { readonly read: 'find'; readonly noun: string; readonly parameters: Parameters }
    | { readonly read: 'count'; readonly noun: string; readonly parameters: Parameters }
    /** What `find` gives, or `get` where there is an id, gone through the steps: the body is `{ value, exceptions? }`. */
    | {
        readonly read: 'pipeline'
        readonly noun: string
        readonly id?: string
        readonly parameters: Parameters
        readonly steps: readonly PipelineStep[]
      }
    | { readonly read: 'history'; readonly noun: string; readonly id: string; readonly parameters: Parameters }
    | { readonly read: 'diff'; readonly noun: string; readonly id: string; readonly parameters: Parameters }
    /** `after` (a seq), `limit`, `type` (a pattern), `entity` (an id), `actor`: those that are all of it. */
    | { readonly read: 'events'; readonly parameters: Parameters }
    /** One event by its `evt_…` id. */
    | { readonly read: 'event'; readonly id: string }
    /** How much there is, how far the files are, what is owed. */
    | { readonly read: 'status'; readonly parameters: Parameters }
    /** All Nouns of the tenant, those that a lens surfaces, or one. */
    | { readonly read: 'schema'; readonly noun?: string; readonly only?: readonly string[] }
    | { readonly read: 'openapi'; readonly only?: readonly string[] }
  )

/** Calls of one message; the steps of pipelines are checked. */
export interface BatchCall extends Caller {
  readonly calls: readonly RemoteCall[]
}

export const lakeCommands = ['flush', 'verify', 'rebuild'] as const

export interface LakeCall extends Caller {
  /** `flush` brings the files up to the log, `verify` compares all that is stored, `rebuild` makes it again from the log. */
  readonly command: (typeof lakeCommands)[number]
}

export interface Answered {
  readonly ok: true
  /** JSON text; empty for `delete`. */
  readonly body: string
  /** Opaque: the point of the log that this answer reflects. */
  readonly bookmark: string
  /** Who answered: the tenant's object, its log, its files, or what is kept of an answer from files. */
  readonly source: 'object' | 'log' | 'files' | 'cache'
  /** The entity's `$version`, where the body is one entity. */
  readonly version?: number
  /** The entity's id, where the call created it. */
  readonly createdId?: string
  /** This answer is that of an earlier request with the same idempotency key. */
  readonly isReplay?: boolean
}

export interface Refused {
  readonly ok: false
  readonly error: ObjectErrorData
  readonly bookmark: string
}

export type Answer = Answered | Refused

/** The methods that a tenant's object offers to its front door. Live events come over its `fetch` (see `live.ts`). */
export interface DigitalObjectCalls {
  /** An answer as `parseAnswer` reads it. */
  write(call: WriteCall): Promise<string>
  read(call: ReadCall): Promise<string>
  /** Takes as long as there is to read: the body is a report. */
  lake(call: LakeCall): Promise<string>
  /** Answers in the order of the calls; empty for those that nobody waits for. */
  batch(call: BatchCall): Promise<readonly string[]>
}
