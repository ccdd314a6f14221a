// The contract by which a service decides what a key proves. The engine stores hashes, checks keys where calls and changes
// arrive, and ends what a dead key has opened; it knows no Noun by name.

import type { Authority, EntityFields, JsonValue, Roles } from 'digital-objects'
import type { AuthorizationAnswer, AuthorizationRequest } from './authorization-server.ts'
import type { Amounts, Budget } from './budgets.ts'
import type { DelegatedWork } from './delegated-work.ts'

/** The rights that a key proves at this moment. */
export interface Verdict {
  readonly authority: Authority
  /** The time from which it proves nothing, in ms of the server's clock. */
  readonly endsMs?: number
  /** The limits of its principal's use, if there are any. */
  readonly budget?: Budget
}

/** The secret of a new entity. The one answer that creates it has the text, under the name `as`. */
export interface Secret {
  readonly as: string
  readonly text: string
  /** SHA-256 of the text, in hexadecimal digits. */
  readonly hash: string
  /** Fields that the entity gets with it, such as the first characters of the text. */
  readonly fields: EntityFields
}

/** A short-lived secret that stands for a grant, and ends before it. */
export interface TokenProof {
  /** The id of the grant, for `Identity.verdictOf`. */
  readonly key: string
  readonly endsMs: number
  /** The only word below the tenant at which the token counts; undefined if it counts everywhere. */
  readonly onlyAt?: string
}

export interface Identity {
  /** Names of Nouns. A change of their entities may change what a key proves. */
  readonly nouns: readonly string[]
  /** Maps a Noun to its fields that give rights. Only a caller with full authority may set them. */
  readonly granting: Readonly<Record<string, readonly string[]>>
  /** Maps a Noun to the work that the server performs by its entities, with rights that their writers may not have. */
  readonly delegated?: Readonly<Record<string, DelegatedWork>>
  /**
   * Returns what the key with this id proves; undefined if it proves nothing. The id of a principal that the server itself acts
   * for stands for its key.
   */
  readonly verdictOf: (key: string) => Verdict | undefined
  /** Returns what a member or agent with this id may do without a key; undefined if it may do nothing. */
  readonly authorityOf: (principal: string, roles?: Roles) => Authority | undefined
  /**
   * Returns how far the writes of a principal are held: one that `proposes` needs the consent of a person for each, and one that
   * `recommends` may only try them. Undefined for everybody else.
   */
  readonly restraintOf?: (principal: string) => 'proposes' | 'recommends' | undefined
  /** Returns the limits of what a principal may use; undefined for one without. */
  readonly budgetOf?: (principal: string) => Budget | undefined
  /** Makes the secret of a new entity; undefined for an entity without one. */
  readonly secretFor: (noun: string, input: Readonly<Record<string, JsonValue>>) => Secret | undefined
  /** Returns what a change of an entity reports as used, and by whom; undefined for any other change. */
  readonly spentBy?: (
    noun: string,
    of: { readonly id: string; readonly before: EntityFields | undefined; readonly after: EntityFields | undefined },
  ) => { readonly of: string; readonly amounts: Amounts } | undefined
  /** Returns what a token with this SHA-256, in hexadecimal digits, stands for; undefined if there is none. */
  readonly tokenOf?: (hash: string) => TokenProof | undefined
  /** Answers a request to the tenant's authorization server. */
  readonly authorize?: (request: AuthorizationRequest) => Promise<AuthorizationAnswer>
  /** Whether strangers call with this key, as it is published. */
  readonly isPublic?: (key: string) => boolean
  /** Records that a key was used. Never rejects. */
  readonly used: (key: string) => Promise<void>
}
