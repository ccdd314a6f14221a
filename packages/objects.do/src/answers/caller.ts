// The caller, as one value that is passed along with its calls. The Worker creates it in one place, and nothing in a
// client's call can change it.

import type { Authority, Via } from 'digital-objects'

export interface Caller {
  /** The tenant's slug. */
  readonly tenant: string
  /** The tenant's URL, `$context` of its entities: `http://localhost:8787/~acme`. */
  readonly context: string
  /** The caller's identity, and what it may see and do. Its `who` is the actor of events. */
  readonly authority: Authority
  readonly via: Via
  /** The event whose handler calls. */
  readonly causedBy?: string
  /** The origin of the texts that the caller passes on, if strangers wrote them. Only services set it. */
  readonly origin?: string
  /** The approval about which the person behind the caller has answered a question, as clients of agents ask it. */
  readonly answers?: string
  /** The newest bookmark that the client has seen. The tenant's object refuses one that is ahead of its log. */
  readonly bookmark?: string
  /** The Nouns that descriptions of the tenant show, and their labels. It hides no data. */
  readonly lens?: Lens
}

export interface Lens {
  /** Names of Nouns in their order; undefined for all. */
  readonly entities?: readonly string[]
  /** The names that users give Nouns here: `{ Contact: 'Patient' }`. */
  readonly labels: Readonly<Record<string, string>>
}
