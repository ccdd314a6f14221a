// The contract of a .do service: a value that bundles what it adds to a tenant. The Worker and the tenant's object are
// composed from a list of such values. Services never import each other, and the product works without any of them.

import type { Importer } from './importer.ts'
import type { EarlierRun, ProgramKey, ServiceProgram } from './program.ts'
import type {
  Amounts,
  AuditEntry,
  Change,
  DueEntity,
  ExpiringValues,
  Hooks,
  Identity,
  Job,
  JobContext,
  LogRow,
  Ranked,
  TenantFiles,
  VerifyMore,
  VectorIndex,
  Written,
} from '@dotdo/do'
import type {
  ApprovalStatus,
  Call,
  CallOf,
  EntityFields,
  JsonValue,
  NounLookup,
  NounSchema,
  ObjectErrorData,
  Parameters,
  Roles,
  TenantSettings,
  Via,
} from 'digital-objects'

/** `Bindings` maps names of the Worker's bindings, secrets among them, to their values. */
export interface Service<Bindings extends object = object> {
  /** `functions.do` */
  readonly name: string
  /** One sentence. */
  readonly about: string
  /** Nouns that every tenant has through this service. They are built-in: a tenant may extend but not delete them. */
  readonly nouns?: readonly NounSchema[]
  /**
   * Names of the services outside of the tenant that it connects, such as `mail`. Verbs that require one are refused unless a
   * service of the list connects it. The service performs what the verb says, for example in an AFTER handler.
   */
  readonly connections?: readonly string[]
  /** Whether the tenant has a connection now, for example because it was set up. Without this, each tenant has all of them. */
  readonly isConnected?: (connection: string, parts: ObjectParts) => boolean
  /** Creates the part that decides what keys prove, for each tenant's object. At most one service of the list has it. */
  readonly identity?: (parts: ObjectParts) => Identity
  /** Reads rows of files that are imported. At most one service of the list has it. */
  readonly importer?: Importer
  /** The bindings and secrets that its routes and hooks use; they receive no others. */
  readonly bindings?: readonly (keyof Bindings & string)[]
  /** Routes that the Worker answers. */
  readonly routes?: readonly ServiceRoute<Bindings>[]
  /** Creates the hooks for each tenant's object; called once when the object starts. */
  readonly hooks?: (parts: ObjectParts, bindings: Partial<Bindings>) => Partial<Hooks>
  /** Creates the commands for each tenant's object; called once when the object starts. */
  readonly commands?: (parts: ObjectParts, bindings: Partial<Bindings>) => ServiceCommands
  /** Checks what it keeps outside of log and state, such as files; called once when the object starts. */
  readonly verify?: (parts: ObjectParts) => VerifyMore
  /**
   * The name of the command that lists its objects among the tenant's files, for an archive: from `after` on, at first the empty
   * string, it answers `KeptObjects`. The same tenant has the same list, wherever it is.
   */
  readonly keptObjects?: string
  /** Creates the jobs for each tenant's object; called once when the object starts. */
  readonly jobs?: (context: JobContext, parts: ObjectParts) => readonly Job[]
}

/**
 * Commands that a tenant's object answers for the routes of its service, which run in the Worker. Nobody else can send them. They
 * are for what only the object knows, such as secrets. A command may throw an ObjectError.
 */
export type ServiceCommands = Readonly<Record<string, (input: JsonValue, by: CommandCaller) => Promise<JsonValue>>>

/** Some keys of the tenant's files, and where the next ones begin; null after the last. */
export interface KeptObjects {
  readonly keys: readonly string[]
  readonly next: string | null
}

/** The caller of the route that sends a command. */
export interface CommandCaller {
  /** The actor of the caller's events; `stranger` for a request that a route has to prove itself. */
  readonly who: string
  /** The id of the `ApiKey` with which the caller has come; undefined for a session or a grant. */
  readonly key?: string
  /** The access level of the caller's key. */
  readonly level?: number
  /** Whether the caller is nobody, so that the command has to prove the request. */
  readonly isStranger: boolean
  /** Whether the caller is an agent that has lately read texts of strangers. */
  readonly isMisled: boolean
  /** Whether the caller reads all searchable fields of a Noun, so that their texts may decide what it finds. */
  readonly searchesAllFields: (noun: string) => boolean
  /**
   * Returns which of at most 1,000 entities the caller sees and a filter, given as its JSON text, matches. Throws an ObjectError for
   * an unknown Noun or a wrong filter, also without entities.
   */
  readonly matchingIds: (among: {
    readonly noun: string
    readonly ids: readonly string[]
    readonly filter: string | undefined
  }) => Promise<readonly string[]>
  /** Answers one call with the caller's authority. Never rejects with an ObjectError. */
  readonly answer: (call: Call) => Promise<ServiceAnswer>
}

type JsonSchema = Readonly<Record<string, unknown>>

/** The parts of a route's description in the OpenAPI document that its path, method and sentence do not say. */
export interface RouteDocument {
  /** The parameters of the URL by name, each with a sentence. */
  readonly parameters?: Readonly<Record<string, { readonly about: string; readonly schema?: JsonSchema }>>
  /** By default a route that takes bytes takes any, and another one that writes takes an object. */
  readonly body?: { readonly isRequired: boolean; readonly schema: JsonSchema; readonly mediaType?: string }
  /** The answer to a request that was accepted; by default JSON of any kind. */
  readonly answer?: { readonly about: string; readonly schema?: JsonSchema; readonly mediaType?: string }
}

export interface ServiceRoute<Bindings extends object = object> {
  /**
   * The path below the tenant. It begins with a lower-case word of the service's own, and may continue with words and
   * variables: `/functions/{name}/run` is served at `/~acme/functions/score/run`.
   */
  readonly path: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** One sentence. */
  readonly about: string
  /** The document lists every route, and says this of it too. */
  readonly document?: RouteDocument
  /** The `via` of events that this route's writes cause; by default, and for a caller that does not come by REST, that of the caller. */
  readonly via?: Via
  /** Its body is read by `bytes` while it arrives, and may have any size; `body` serves other routes. */
  readonly takesBytes?: true
  /**
   * Whether a request with these parameters proves itself in another way than by a key or a session, such as by a signature. It
   * comes without any authority, and a command of the service has to check its proof.
   */
  readonly isOpen?: (parameters: Parameters) => boolean
  /** Takes the key of kind `Public` that is its parameter `key`, from a page of any origin, with a body of any type. */
  readonly takesPublicKey?: true
  /** May throw an ObjectError, which becomes the answer. */
  readonly answer: (request: ServiceRequest<Bindings>) => Promise<ServiceAnswer>
}

/** A request to a route. Origin, tenant and caller are already checked. */
export interface ServiceRequest<Bindings extends object = object> {
  readonly tenant: string
  /** The tenant's URL: `http://localhost:8787/~acme`. */
  readonly context: string
  /** The values of the path's variables, and the parameters of the URL. */
  readonly parameters: Parameters
  /** The newest bookmark that the client has seen. */
  readonly bookmark?: string
  readonly idempotencyKey?: string
  /** The time at which its writes happened, unless they name another. The front door adds it to them. */
  readonly at?: string
  /** The bindings that the service names, as far as this server has them. */
  readonly bindings: Partial<Bindings>
  /** The request's JSON; an empty string if there is none. Throws an ObjectError for another content type or size. */
  readonly body: () => Promise<string>
  /**
   * The request's body of any type while it arrives; nothing if there is none. Throws an ObjectError for a sender that falls
   * silent, a body that ends early, and a content type that a page of a foreign origin could send.
   */
  readonly bytes: () => AsyncIterable<Uint8Array>
  /**
   * The request's body as bytes, of any type, as they came. Throws an ObjectError for more than `bytesMax`, and as `bytes` does. For
   * routes that check where their bodies come from.
   */
  readonly rawBody: (bytesMax: number) => Promise<Uint8Array<ArrayBuffer>>
  /**
   * Answers a command of the service in the tenant's object. Throws an ObjectError with which it was refused, and `not_found` for
   * a tenant without data.
   */
  readonly command: (name: string, input: JsonValue) => Promise<JsonValue>
  /** The tenant's files in the object store; undefined if the server has none. */
  readonly files: TenantFiles | undefined
  /** The value of a header of the request. */
  readonly header: (name: string) => string | undefined
  /** Keeps the request alive until the work has ended, even if its client disconnects. */
  readonly waitUntil: (work: Promise<unknown>) => void
  /**
   * Answers one message of calls with the caller's authority, as RPC does: one string for each call, or a single refusal
   * of the whole message. `admit` sees the parsed calls first; it may change them, or throw an ObjectError to refuse.
   * Never rejects with an ObjectError.
   */
  readonly answerMessage: (
    text: string,
    admit: (calls: readonly Call[]) => readonly Call[],
  ) => Promise<readonly string[]>
  readonly openProgram: () => ServiceProgram
  /** Returns what an earlier run of a request has left. Throws an ObjectError if the key is of another request. */
  readonly findRun: (of: { readonly key: ProgramKey; readonly firstWriteKey: string }) => Promise<EarlierRun>
  /** Returns the JSON document that describes an error to clients. */
  readonly describeError: (error: ObjectErrorData) => { readonly status: number }
}

/** An answer that is not JSON. */
export interface ServiceFile {
  readonly status?: number
  readonly mediaType: string
  readonly content: string | ReadableStream<Uint8Array>
  /** Further headers of the answer, such as `content-disposition`. */
  readonly headers?: Readonly<Record<string, string>>
}

export type ServiceAnswer = {
  readonly bookmark?: string
  /** The number of times that code ran for it, if it ran as a program. */
  readonly attempts?: number
} & (
  | {
      readonly ok: true
      /** JSON; empty for an answer without content. */
      readonly body: string
      /** The answer in place of `body`, if it is not JSON. */
      readonly file?: ServiceFile
      readonly commit?: number
      readonly hasCreated?: boolean
      /** The work goes on after the answer. */
      readonly isUnfinished?: boolean
    }
  | { readonly ok: false; readonly error: ObjectErrorData }
)

/** The parts of the tenant's object that a service's handlers may use. */
export interface ObjectParts {
  /** The tenant's name, and its URL; empty before its first write. */
  readonly tenant: () => string
  readonly context: () => string
  /** Finds a Noun of the tenant by its current definition. */
  readonly lookup: NounLookup
  /**
   * Writes through the tenant's lane. Resolves when the change is durable; throws an ObjectError if it is refused. A function
   * is called in the lane, so that it can use the definitions of that time.
   */
  readonly write: (change: Change | (() => Change)) => Promise<Written>
  /** Answers one call like that of any caller, with authority over all data. Never rejects with an ObjectError. */
  readonly answer: (call: Call, by: ServicePrincipal) => Promise<ServiceAnswer>
  /**
   * Answers one read with the rights that a member, an agent or a key has now; refuses as `unauthorized` if that is nothing.
   * So it is for `owner`, who is nobody on a server that requires a sign-in. Any other principal has set something up with authority
   * over all data.
   */
  readonly answerAs: (call: CallOf<'read'>, principal: string) => Promise<ServiceAnswer>
  /**
   * Answers one message of calls, of which each has to be a read, by `read`: one string for each call, as RPC does. Never
   * rejects with an ObjectError.
   */
  readonly answerReads: (
    text: string,
    read: (call: CallOf<'read'> | CallOf<'pipeline'>) => Promise<JsonValue>,
  ) => Promise<readonly string[]>
  /** Whether a member, an agent, a key or the server itself may do everything now. */
  readonly mayDoEverything: (principal: string) => boolean
  /** Rights that a principal of the tenant, such as an agent, has now by the server's own work. */
  readonly actAs: (principal: string) => Acting
  /** The approval with this id, or the one that has taken its place; undefined for an unknown one. */
  readonly approval: (id: string) => ApprovalState | undefined
  /** Keeps the object alive until the work has ended. The work must not reject. */
  readonly background: (work: Promise<void>) => void
  /** Returns the live entity with this id: its fields, `$id` and `$version`. */
  readonly read: (id: string) => EntityFields | undefined
  /** Returns the ids of at most `limit` live entities with this value of an indexed field, in order. */
  readonly idsWith: (
    noun: string,
    by: { readonly field: string; readonly value: JsonValue; readonly limit: number },
  ) => readonly string[]
  /** Returns at most `limit` live entities with the earliest values of an indexed `datetime`. */
  readonly earliest: (noun: string, by: { readonly field: string; readonly limit: number }) => readonly DueEntity[]
  /** Opens a program with authority over all data. */
  readonly openProgram: (by: ServicePrincipal) => ServiceProgram
  /** Counts how many events have led to each other before a commit, up to a limit. */
  readonly causesOf: (commit: number, limit: number) => number
  /** The number of events that wait for an AFTER handler. */
  readonly waiting: (handler: string) => number
  /** Lets the events that were parked for an AFTER handler run again. */
  readonly replay: (handler: string) => void
  /** Makes the events that wait for an AFTER handler due now. */
  readonly hasten: (handler: string) => void
  /** Lets an AFTER handler run again for events of a range, which the caller limits. */
  readonly owe: (
    handler: string,
    range: {
      readonly after: number
      readonly through: number
      readonly isOwed: (event: { readonly type: string; readonly target: string }) => boolean
    },
  ) => void
  /** Lets an AFTER handler run again for one event; nothing happens for an unknown one. */
  readonly oweEvent: (handler: string, id: string) => void
  /** Returns a string that changes whenever an entity of the Noun, or the Noun's definition, may have changed. */
  readonly stampOf: (noun: string) => string
  /** Returns the first event of a commit, without its entity. */
  readonly commitStart: (commit: number) => Pick<LogRow, 'actor' | 'via' | 'causedBy'> | undefined
  /** All Nouns of the tenant. */
  readonly nouns: () => readonly NounSchema[]
  /** What each role of the tenant may do. */
  readonly roles: () => Roles
  /** Adds an entry to the tenant's audit log, once the tenant has data. It must not have a secret. */
  readonly audit: (entry: AuditEntry) => void
  /** Returns a secret of the tenant; undefined if there is none. It must not reach an answer, event, file or message. */
  readonly secret: (name: string) => Promise<string | undefined>
  /** The tenant's settings. */
  readonly settings: () => TenantSettings
  /** Opens a TCP connection to the world outside, within the networks that the server allows. */
  readonly connect: Connect
  /** The tenant's time. */
  readonly nowMs: () => number
  /** The tenant's files in the object store; undefined if the server has none, and before the tenant's first write. */
  readonly files: () => TenantFiles | undefined
  /** Changes with each restore of the tenant, and each load of an archive into it; empty if there was none. */
  readonly restored: () => string
  /** Values that are no events and end by themselves; undefined before the tenant's first write. */
  readonly values: () => ExpiringValues | undefined
  /** Vectors of the texts of entities; undefined before the tenant's first write. */
  readonly vectors: () => VectorIndex | undefined
  /**
   * Ranks the entities of these Nouns by the likeness of their texts to a vector of length 1, and lets others run meanwhile. The
   * ranking has entities that a caller may not see.
   */
  readonly rank: (nouns: readonly string[], vector: Float32Array) => Promise<Ranking>
  /** Call it when something besides an event may have changed what keys prove: open sockets and streams are checked. */
  readonly keysChanged: () => void
}

export interface Ranking {
  /** Returns the next ones, best first; none at the end. */
  readonly next: (count: number) => readonly Ranked[]
}

/** The outcome of a commit that waits for a person. */
export interface ApprovalState {
  readonly status: ApprovalStatus
  readonly expiresMs: number
  readonly decidedBy?: string
  readonly note?: string
  readonly commit?: number
}

export type Connect = (
  address: { readonly hostname: string; readonly port: number },
  options: { readonly secureTransport: 'on' | 'off' | 'starttls'; readonly allowHalfOpen: boolean },
) => Socket

/** A principal for whom the server works, with the principal's own rights, limits and budget. */
export interface Acting {
  /** Whether it may do anything. */
  readonly mayAct: boolean
  /** Answers one call as if the principal had sent it. Never rejects with an ObjectError. */
  readonly answer: (call: Call, by: Omit<ServicePrincipal, 'who'>) => Promise<ServiceAnswer>
  /** Throws an ObjectError `budget_exceeded` if it has used up its tokens or money of the day. */
  readonly requireBudget: () => void
  /** Counts what work for it has used. */
  readonly spend: (amounts: Amounts) => void
  /** Whether it has read texts of strangers lately. */
  readonly hasReadStrangers: () => boolean
}

/** The actor of a service. */
export interface ServicePrincipal {
  /** The actor of the events: `workflow_…`. */
  readonly who: string
  readonly via: Via
  /** The event that made the service act. */
  readonly causedBy?: string
  /** The origin of what it writes, if strangers wrote the texts: `webhook`. */
  readonly origin?: string
}
