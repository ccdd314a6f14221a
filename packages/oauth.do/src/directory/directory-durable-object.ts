// The directory: one Durable Object of a server that holds its people. Its methods take and return plain data, and a refusal
// is an answer. No secret leaves it but to the person whom it signs in.

import { DurableObject } from 'cloudflare:workers'
import { ObjectError, type ObjectErrorData } from 'digital-objects'
import {
  Directory,
  type PasskeyAnswer,
  type PasswordSignIn,
  type Person,
  type Security,
  type SignedIn,
  type TenantSession,
  type UpstreamAnswer,
  type UpstreamBegin,
} from './directory.ts'
import { parseOwnerLink } from './owner-link.ts'
import type { Invitation, MadeLink } from './links.ts'
import type { OwedMessage } from './owed.ts'
import type { Site } from './passkeys.ts'
import type { PasswordsOptions } from './passwords.ts'
import type { SealingKeys } from './sealed.ts'
import { type BegunSignIn, parseProvider, type UpstreamOptions } from './upstream.ts'
import type { Device } from './sign-ins.ts'

export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: ObjectErrorData }

export interface DirectoryParts {
  /** Tells a tenant what the directory owes it. Rejects if the tenant cannot be reached. */
  readonly tell: (message: OwedMessage) => Promise<void>
  /** Hashes a password in an object of its own. */
  readonly hash: PasswordsOptions['hash']
  readonly sealingKeys: SealingKeys | undefined
  /** The binding `SIGN_IN_PROVIDER`. */
  readonly provider: string | undefined
  readonly fetch: UpstreamOptions['fetch']
  /** See `owner-link.ts`. */
  readonly ownerLink: string | undefined
}

/** The questions of the front door to the directory. */
export interface DirectoryStub {
  isClaimed(): Promise<boolean>
  takeOwnerLink(request: OwnerLinkRequest): Promise<Outcome<SignedIn>>
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
  recover(code: string, device: Device): Promise<Outcome<SignedIn>>
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

const alarmMsMin = 2_000
/** Tenants that are told at a time. */
const toldMax = 20

export abstract class DirectoryDurableObject<Env> extends DurableObject<Env> {
  readonly #directory: Directory
  readonly #parts: DirectoryParts

  constructor(ctx: DurableObjectState, env: Env, parts: DirectoryParts) {
    super(ctx, env)
    this.#parts = parts
    this.#directory = new Directory({
      storage: ctx.storage,
      random: (count) => crypto.getRandomValues(new Uint8Array(count)),
      now: Date.now,
      hash: parts.hash,
      sealingKeys: parts.sealingKeys,
      provider: parts.provider === undefined ? undefined : parseProvider(parts.provider),
      fetch: parts.fetch,
      ownerLink: parts.ownerLink === undefined ? undefined : parseOwnerLink(parts.ownerLink),
    })
    ctx.waitUntil(this.#setAlarm())
  }

  isClaimed(): boolean {
    return this.#directory.isClaimed
  }

  takeOwnerLink(request: OwnerLinkRequest): Outcome<SignedIn> {
    return outcomeOf(() => this.#directory.takeOwnerLink(request))
  }

  personOf(secret: string): Person | null {
    return this.#directory.personOf(secret) ?? null
  }

  sessionFor(secret: string, tenant: string): TenantSession | null {
    return this.#directory.sessionFor(secret, tenant) ?? null
  }

  securityOf(secret: string): Outcome<Security> {
    return outcomeOf(() => this.#directory.securityOf(secret))
  }

  passkeyOptions(secret: string, site: Site): Promise<Outcome<string>> {
    const { passkeys } = this.#directory
    return laterOutcomeOf(async () => passkeys.registrationOptions(this.#directory.requirePerson(secret).account, site))
  }

  addPasskey(secret: string, { response, site, device }: PasskeyAnswer): Promise<Outcome<null>> {
    return laterOutcomeOf(async () => {
      const { account } = this.#directory.requirePerson(secret)
      await this.#directory.passkeys.register(account.id, { response, site, name: device.agent })
      return null
    })
  }

  removePasskey(secret: string, id: string): Outcome<null> {
    return outcomeOf(() => {
      const { account } = this.#directory.requirePerson(secret)
      if (this.#directory.passkeys.remove(account.id, id)) return null
      throw new ObjectError({ code: 'not_found', field: 'passkey', message: 'passkey: you have no such passkey' })
    })
  }

  signInOptions(site: Site): Promise<string> {
    return this.#directory.passkeys.signInOptions(site)
  }

  providerName(): string | null {
    return this.#directory.upstream.providerName ?? null
  }

  beginUpstream(asked: UpstreamBegin): Promise<Outcome<BegunSignIn>> {
    return laterOutcomeOf(async () => this.#directory.beginUpstream(asked))
  }

  finishUpstream(answer: UpstreamAnswer): Promise<Outcome<SignedIn>> {
    return laterOutcomeOf(() => this.#directory.finishUpstream(answer))
  }

  unlinkUpstream(secret: string): Outcome<null> {
    return outcomeOf(() => {
      this.#directory.upstream.unlink(this.#directory.requirePerson(secret).account.id)
      return null
    })
  }

  signInByPassword(asked: PasswordSignIn): Promise<Outcome<SignedIn>> {
    return laterOutcomeOf(() => this.#directory.signInByPassword(asked))
  }

  async setPassword(secret: string, passwords: PasswordChange): Promise<Outcome<null>> {
    return this.#settled(
      await laterOutcomeOf(async () => {
        await this.#directory.setPassword(secret, passwords)
        return null
      }),
    )
  }

  beginSecondFactor(secret: string): Promise<Outcome<{ readonly secret: string; readonly uri: string }>> {
    return laterOutcomeOf(async () => {
      const { account } = this.#directory.requirePerson(secret)
      return this.#directory.secondFactors.begin(account.id, account.email)
    })
  }

  confirmSecondFactor(secret: string, otp: string): Promise<Outcome<readonly string[]>> {
    return laterOutcomeOf(async () => this.#directory.confirmSecondFactor(secret, otp))
  }

  endSecondFactor(secret: string, otp: string): Promise<Outcome<null>> {
    return laterOutcomeOf(async () => {
      await this.#directory.endSecondFactor(secret, otp)
      return null
    })
  }

  signInByPasskey(answer: PasskeyAnswer): Promise<Outcome<SignedIn>> {
    return laterOutcomeOf(() => this.#directory.signInByPasskey(answer))
  }

  async endSession(secret: string, id?: string): Promise<Outcome<null>> {
    const outcome = outcomeOf(() => {
      this.#directory.endSession(secret, id ?? this.#directory.requirePerson(secret).session.id)
      return null
    })
    return this.#settled(outcome)
  }

  invite(invitation: Invitation): MadeLink {
    return this.#directory.links.invite(invitation)
  }

  acceptInvitation(request: AcceptRequest): Promise<Outcome<SignedIn & Invitation>> {
    return this.#settled(outcomeOf(() => this.#directory.acceptInvitation(request)))
  }

  makeRecovery(secret: string, email: string): Outcome<MadeLink> {
    return outcomeOf(() => this.#directory.makeRecovery(secret, email))
  }

  recover(code: string, device: Device): Promise<Outcome<SignedIn>> {
    return this.#settled(outcomeOf(() => this.#directory.recover(code, device)))
  }

  join(secret: string, membership: { readonly tenant: string; readonly user: string }): Outcome<null> {
    return outcomeOf(() => {
      const { account } = this.#directory.requirePerson(secret)
      if (!account.isOwner)
        throw new ObjectError({ code: 'forbidden', message: 'only an owner of the server may join a tenant by itself' })
      this.#directory.accounts.join(account.id, membership)
      return null
    })
  }

  override async alarm(): Promise<void> {
    await this.#tellTenants()
    await this.#setAlarm()
  }

  async #setAlarm(): Promise<void> {
    const { nextMs } = this.#directory.owed
    if (nextMs !== undefined) await this.ctx.storage.setAlarm(Math.max(nextMs, Date.now() + alarmMsMin))
  }

  /** Resolves once every tenant that can be reached knows what it is owed. The alarm tells the others. */
  async #settled<Value>(outcome: Outcome<Value>): Promise<Outcome<Value>> {
    if (this.#directory.owed.nextMs === undefined) return outcome
    await this.#setAlarm()
    await this.#tellTenants()
    return outcome
  }

  /** Never rejects: whoever is not told now is told by the alarm. */
  async #tellTenants(): Promise<void> {
    const { owed } = this.#directory
    const told = owed.due(toldMax).map(async (message) => {
      owed.attempt(message)
      try {
        await this.#parts.tell(message)
        owed.remove(message)
      } catch (error) {
        console.error(`the tenant ${message.tenant} has still to be told (${message.kind}): ${String(error)}`)
      }
    })
    await Promise.all(told)
  }
}

async function laterOutcomeOf<Value>(work: () => Promise<Value>): Promise<Outcome<Value>> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    if (error instanceof ObjectError) return { ok: false, error: error.toData() }
    throw error
  }
}

function outcomeOf<Value>(work: () => Value): Outcome<Value> {
  try {
    return { ok: true, value: work() }
  } catch (error) {
    if (error instanceof ObjectError) return { ok: false, error: error.toData() }
    throw error
  }
}
