// What a provider of payments brings, such as Stripe. The service asks each provider the same, and knows nothing else of it.

import type { AfterHandler, CommandCaller, Job, ObjectParts } from '@dotdo/service'
import type { JsonValue } from 'digital-objects'
import type { Guarded } from './guard-records.ts'

export interface Provider {
  /** `stripe`; the connection that verbs require, and the word below `/payments` of its own routes. */
  readonly name: string
  readonly isConnected: (parts: ObjectParts) => boolean
  readonly guarded: Guarded
  /** Brings changes here to the provider. None of them may handle an event while the provider is not connected. */
  readonly handlers: readonly AfterHandler[]
  /** Brings what happened at the provider, compares both sides, and has nothing due while it is not connected. */
  readonly jobs: readonly Job[]
  /** Answers a request to one of its routes. Throws an ObjectError, `not_connected` without a connection. */
  readonly serve?: (input: JsonValue, by: CommandCaller) => Promise<JsonValue>
}
