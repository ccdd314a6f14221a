// Requests to the authorization server of a tenant, and its answers, as plain data that can be passed between isolates. The
// front door reads and checks the request, the tenant's object answers it, and pages are made from data by the front door.

export interface AuthorizationRequest {
  readonly method: string
  /** The path below the tenant's URL: `/oauth/token`. */
  readonly path: string
  /** The query with its `?`, or empty. */
  readonly search: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  /** The tenant's URL, which is the issuer: `http://localhost:8787/~acme`. */
  readonly issuer: string
  /** The person who is signed in, or the key that the request presents; undefined if there is neither. */
  readonly by?: AuthorizingCaller | undefined
}

export interface AuthorizingCaller {
  /** `user_…`, or `owner`. */
  readonly principal: string
  /** The id of the session or key, which the tenant's object checks once more; undefined on a server that needs none. */
  readonly key?: string | undefined
  /** Whether a person sent the request by a page; otherwise a program did, with a key. */
  readonly isPerson: boolean
  readonly mayDoEverything: boolean
}

export interface AuthorizationAnswer {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  /** The page to show in place of the body; to a program, only if there is no body. */
  readonly page?: AuthorizationPage
}

/** A page of the authorization server. Its strings come from clients: escape all of them. */
export type AuthorizationPage =
  | {
      readonly kind: 'consent'
      readonly client: ConsentClient
      readonly scopes: readonly string[]
      /** The form sends it back. */
      readonly handle: string
      /** The origins to which the answer to the form may redirect. */
      readonly formTargets: readonly string[]
    }
  | { readonly kind: 'device'; readonly code: string; readonly error?: string }
  | {
      readonly kind: 'device-consent'
      readonly client: ConsentClient
      readonly scopes: readonly string[]
      readonly code: string
      readonly handle: string
    }
  | { readonly kind: 'grants'; readonly grants: readonly ListedGrant[] }
  | { readonly kind: 'message'; readonly title: string; readonly message: string }

/** The rights that a person has given a client. */
export interface ListedGrant {
  /** The name under which events have it as their key. */
  readonly grant: string
  /** The person who has given it. */
  readonly principal: string
  /** The name that the client gave itself. */
  readonly client: string
  readonly clientId: string
  readonly scopes: readonly string[]
  readonly since: string
}

export interface ConsentClient {
  /** The name that the client gave itself. */
  readonly name: string
  /** The domain that proves the client's identity; undefined if nothing does. */
  readonly domain?: string
  /** The host that receives the access; undefined for a device. */
  readonly redirectHost?: string
  /** Whether that is a program on the person's own machine. */
  readonly isLoopback: boolean
}
