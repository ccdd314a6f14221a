// The directory as the front door reaches it: its questions, and the form of its answers.

import type { AuditSelection, StoredAuditEntry } from '@dotdo/service'
import type { ObjectErrorData } from 'digital-objects'
import type { Membership } from './accounts.ts'
import type { CiToken } from './ci-jobs.ts'
import type { ClaimedByJob, TrialClaim } from './claim-trial.ts'
import type {
  PasskeyAnswer,
  PasswordSignIn,
  Person,
  Security,
  SignedIn,
  TenantSession,
  UpstreamAnswer,
  UpstreamBegin,
} from './person.ts'
import type { Invitation, MadeLink } from './links.ts'
import type { Site } from './passkeys.ts'
import type { Device } from './sign-ins.ts'
import type { BegunTrial } from './trials.ts'
import type { BegunSignIn } from './upstream.ts'

export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: ObjectErrorData }

/** The questions of the front door to the directory. */
export interface DirectoryStub {
  isClaimed(): Promise<boolean>
  takeOwnerLink(request: OwnerLinkRequest): Promise<Outcome<SignedIn>>
  /** Forgets the person behind a user that the tenant has erased. */
  forgetUser(membership: Membership): Promise<void>
  personOf(secret: string): Promise<Person | null>
  sessionFor(secret: string, tenant: string): Promise<TenantSession | null>
  securityOf(secret: string): Promise<Outcome<Security>>
  /** Options for the browser, as JSON. */
  passkeyOptions(secret: string, site: Site): Promise<Outcome<string>>
  addPasskey(secret: string, made: PasskeyAnswer): Promise<Outcome<null>>
  removePasskey(secret: string, id: string): Promise<Outcome<null>>
  /** Options for the browser of a person who is not signed in, as JSON. */
  signInOptions(site: Site): Promise<string>
  signInByPasskey(answer: PasskeyAnswer): Promise<Outcome<SignedIn>>
  /** The name of the provider of accounts; null if there is none. */
  providerName(): Promise<string | null>
  beginUpstream(asked: UpstreamBegin): Promise<Outcome<BegunSignIn>>
  finishUpstream(answer: UpstreamAnswer): Promise<Outcome<SignedIn>>
  unlinkUpstream(secret: string): Promise<Outcome<null>>
  signInByPassword(asked: PasswordSignIn): Promise<Outcome<SignedIn>>
  setPassword(secret: string, passwords: PasswordChange): Promise<Outcome<null>>
  /** Returns the secret for an authenticator app. */
  beginSecondFactor(secret: string): Promise<Outcome<{ readonly secret: string; readonly uri: string }>>
  /** Returns the recovery codes, which nothing else has. */
  confirmSecondFactor(secret: string, otp: string): Promise<Outcome<readonly string[]>>
  endSecondFactor(secret: string, otp: string): Promise<Outcome<null>>
  /** Ends one of the person's sessions in all tenants; without an id, the one with this secret. */
  endSession(secret: string, id?: string): Promise<Outcome<null>>
  join(secret: string, membership: { readonly tenant: string; readonly user: string }): Promise<Outcome<null>>
  /** The front door has checked that the sender may invite. */
  invite(invitation: Invitation): Promise<MadeLink>
  acceptInvitation(request: AcceptRequest): Promise<Outcome<SignedIn & Invitation>>
  makeRecovery(secret: string, email: string): Promise<Outcome<MadeLink>>
  /**
   * Makes such a link for whoever says that this address is theirs, to be mailed there. Returns null if there is no account, if it
   * has a second factor, which a mailbox must not replace, or after too many requests.
   */
  requestRecovery(email: string, address: string): Promise<MadeLink | null>
  recover(code: string, device: Device): Promise<Outcome<SignedIn>>
  /** Records a trial of a sender at this address, before its tenant begins. */
  beginTrial(address: string): Promise<Outcome<BegunTrial>>
  /** Ends a trial whose first write failed. */
  endTrial(tenant: string): Promise<void>
  /** The front door has checked that the sender has the session of the trial. */
  offerTrial(tenant: string): Promise<Outcome<MadeLink>>
  /** The audit log of sign-ins, the newest first. Only an owner of the server reads it. */
  audit(secret: string, selection: AuditSelection): Promise<Outcome<readonly StoredAuditEntry[]>>
  claimTrial(claim: TrialClaim): Promise<Outcome<SignedIn & { readonly tenant: string }>>
  claimTrialByJob(claim: CiToken & { readonly code: string }): Promise<Outcome<ClaimedByJob>>
}

export interface AcceptRequest {
  readonly code: string
  /** The secret of the signed-in person, if there is one. */
  readonly secret: string | undefined
  readonly name: string
  readonly device: Device
}

export interface PasswordChange {
  readonly password: string
  /** The present one; empty if there is none. */
  readonly current: string
}

export interface OwnerLinkRequest {
  readonly code: string
  readonly name: string
  readonly email: string
  readonly device: Device
}
