// A person at the directory: who is signed in, how, and what browsers send for it. Plain data, which crosses to the front door.

import type { Account, Membership } from './accounts.ts'
import type { Passkey, Site } from './passkeys.ts'
import type { Device, SignIn } from './sign-ins.ts'

/** A person who has just signed in. The secret becomes the cookie of the browser, and nothing else has it. */
export interface SignedIn {
  readonly secret: string
  readonly account: Account
}

/** A signed-in person. */
export interface Person {
  readonly account: Account
  readonly session: SignIn
  readonly memberships: readonly Membership[]
}

/** A person's ways of signing in, and sessions. */
export interface Security {
  readonly sessions: readonly SignIn[]
  readonly passkeys: readonly Passkey[]
  readonly hasPassword: boolean
  readonly hasSecondFactor: boolean
  /** The provider of accounts, if the server has one, and whether the person has linked one of them. */
  readonly provider: { readonly name: string; readonly isLinked: boolean } | null
}

export interface PasskeyAnswer {
  /** The browser's answer, as JSON. */
  readonly response: string
  readonly site: Site
  readonly device: Device
}

export interface UpstreamBegin {
  /** The address of this server to which the provider sends the browser. */
  readonly redirectUri: string
  /** The id of the person who links an account; undefined to sign in. */
  readonly secret: string | undefined
}

export interface UpstreamAnswer extends UpstreamBegin {
  /** The address that the browser has opened, with the provider's answer. */
  readonly url: string
  /** The state that the browser has kept. */
  readonly state: string
  readonly device: Device
}

export interface PasswordSignIn {
  readonly email: string
  readonly password: string
  /** The code of the authenticator app, or a recovery code. */
  readonly otp: string | undefined
  readonly device: Device
}

/** A session of a person for a tenant to open. */
export interface TenantSession {
  readonly id: string
  /** The id of the tenant's `User`. */
  readonly user: string
  readonly endsMs: number
}
