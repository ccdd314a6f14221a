// The contract between the Worker and a tenant's object: calls and answers, as plain data that can be passed between
// isolates. Filters, sorts and bodies are passed unparsed, because parsing them needs the tenant's Nouns.

import type { AuditEntry, AuthorizationRequest, Session } from '@dotdo/do'
import type { Authority, Call, JsonValue, ObjectErrorData } from 'digital-objects'
import type { Caller } from './caller.ts'
import type { ProgramStep } from './program-step.ts'

export interface Answered {
  readonly ok: true
  /** The body as JSON; empty for `delete`. */
  readonly body: string
  /** The point of the log that this answer reflects; opaque to clients. */
  readonly bookmark: string
  /** The source of the answer: the tenant's object, its log, its files, or a cached answer from files. */
  readonly source: 'object' | 'log' | 'files' | 'cache'
  /** The entity's `$version`, if the body is one entity. */
  readonly version?: number
  /** The entity's id, if the call created it. */
  readonly createdId?: string
  /** True if this answer repeats that of an earlier request with the same idempotency key. */
  readonly isReplay?: boolean
  /** The number of the write's commit; that of the entity's last commit if nothing was changed. */
  readonly commit?: number
  /** True if the write had nothing to change, so there is no new version and no event. */
  readonly isUnchanged?: boolean
  /** True for a caller over the interface for agents if the tenant has no text of strangers up to the bookmark, so that no answer up to it has one. */
  readonly isOwnText?: true
  /** True if the operation continues in the background; the body shows its progress. */
  readonly isUnfinished?: boolean
}

/** The HTTP status of an answer; it is also that of an operation in a batch. */
export function statusOf({
  body,
  createdId,
  isUnfinished,
}: Pick<Answered, 'body' | 'createdId' | 'isUnfinished'>): number {
  if (body === '') return 204
  if (isUnfinished === true) return 202
  return createdId === undefined ? 200 : 201
}

export interface Refused {
  readonly ok: false
  readonly error: ObjectErrorData
  readonly bookmark: string
}

export type Answer = Answered | Refused

/** The calls of one caller. References point to earlier calls in the list. */
export interface CallMessage {
  readonly caller: Caller
  readonly calls: readonly Call[]
  /** False if a tenant without data must not begin with this message; see `AnswersCalls.answer`. True by default. */
  readonly mayBegin?: boolean
  /** Set if the calls belong to a program. */
  readonly program?: ProgramStep
}

/**
 * A message as it crosses to the tenant's object. An authority that is a string is the full one of that principal: it is
 * cheaper to copy between isolates. Of a caller with a key, only the key's id crosses: the object decides what it proves.
 */
export interface SentMessage {
  readonly caller: Omit<Caller, 'authority'> & { readonly authority: SentAuthority }
  readonly calls: readonly Call[]
  readonly mayBegin?: boolean
  readonly program?: ProgramStep
}

/** A command of a service, as its route sends it. */
export interface SentCommand {
  readonly caller: SentMessage['caller']
  /** Whether the caller is nobody, so that the command has to prove the request. */
  readonly isStranger: boolean
  /** The service and the command: `events.do/receive`. */
  readonly command: string
  /** JSON. */
  readonly input: string
}

export type CommandOutcome = { readonly ok: true; readonly output: JsonValue } | Omit<Refused, 'bookmark'>

export type SentAuthority = Authority | string | { readonly key: string }

/** What a key proves, as the front door keeps it for a moment. */
export interface KeyVerdict {
  readonly authority: Authority
  /** The time from which it proves nothing, in ms. */
  readonly endsMs?: number
  /** The only word below the tenant at which it counts; undefined if it counts everywhere. */
  readonly onlyAt?: string
}

/** The entry point of a tenant's object for all calls. Live events use its `fetch`. */
export interface AnswersCalls {
  /**
   * Returns the answers in the order of the calls, as one string that `askTenant` splits. The string is empty if the tenant
   * has no data, the message may not begin it, and one of its writes would be accepted; then nothing was written.
   */
  answer(message: SentMessage): Promise<string>
  /** Returns what the key with this SHA-256, in hexadecimal digits, proves now, as JSON; '' if that is nothing. */
  authenticate(hash: string, options?: { readonly isSession?: boolean; readonly isKeyId?: boolean }): Promise<string>
  /** Answers a command of a service, which only the service's routes send: a CommandOutcome as JSON. */
  serve(command: SentCommand): Promise<string>
  /** Returns a ticket as JSON, with which one WebSocket can be opened in place of the key with this id; '' if it proves nothing. */
  issueTicket(key: string): Promise<string>
  /** Returns the id of the key for which the ticket with this SHA-256 stands, once; '' if there is none. */
  takeTicket(hash: string): Promise<string>
  /** Adds an entry to the tenant's audit log, if the tenant has data. */
  audit(entry: AuditEntry): Promise<void>
  /** Opens a session, in place of one with the same id. Returns false if the session would prove nothing. */
  openSession(session: Session): Promise<boolean>
  /** Ends a session for good, and what it has opened. A session that does not exist cannot be opened later either. */
  endSession(id: string): Promise<void>
  /** Answers a request to the tenant's authorization server, with an AuthorizationAnswer as JSON; '' if the tenant has no data. */
  authorize(request: AuthorizationRequest): Promise<string>
}
