// The directory: one Durable Object of a server that holds its people. Its methods take and return plain data, and a refusal
// is an answer. No secret leaves it but to the person whom it signs in.

import { DurableObject } from 'cloudflare:workers'
import type { AuditSelection, StoredAuditEntry } from '@dotdo/service'
import { ObjectError } from 'digital-objects'
import type { Membership, Account } from './accounts.ts'
import { type CiToken, parseCiIssuers } from './ci-jobs.ts'
import { type ClaimedByJob, claimTrial, claimTrialByJob, type TrialClaim } from './claim-trial.ts'
import { Directory } from './directory.ts'
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
import { type AuditRecords, DirectoryAudit } from './directory-audit.ts'
import type { AcceptRequest, Outcome, OwnerLinkRequest, PasswordChange } from './directory-stub.ts'
import { parseOwnerLink } from './owner-link.ts'
import type { Invitation, MadeLink } from './links.ts'
import type { OwedMessage } from './owed.ts'
import type { Site } from './passkeys.ts'
import type { PasswordsOptions } from './passwords.ts'
import type { SealingKeys } from './sealed.ts'
import type { Device } from './sign-ins.ts'
import type { BegunTrial } from './trials.ts'
import { type BegunSignIn, parseProvider, type UpstreamOptions } from './upstream.ts'

export interface DirectoryParts {
  /**
   * Tells a tenant what the directory owes it. Resolves to the id of the tenant's `User` for the account that has claimed the
   * tenant, if one has. Rejects if the tenant cannot be reached.
   */
  readonly tell: (message: OwedMessage, claimant: Account | undefined) => Promise<string | undefined>
  /** Deletes the tenant of a trial that is over. Rejects if that cannot begin now. */
  readonly deleteTenant: (tenant: string) => Promise<void>
  /** The binding `CI_ISSUERS`. */
  readonly ciIssuers: string | undefined
  /** The audit log: the statement of its table, and the log over that. */
  readonly audit: { readonly table: string; readonly open: (sql: SqlStorage) => AuditRecords }
  /** Hashes a password in an object of its own. */
  readonly hash: PasswordsOptions['hash']
  readonly sealingKeys: SealingKeys | undefined
  /** The binding `SIGN_IN_PROVIDER`. */
  readonly provider: string | undefined
  readonly fetch: UpstreamOptions['fetch']
  /** See `owner-link.ts`. */
  readonly ownerLink: string | undefined
}

const alarmMsMin = 2_000
/** Tenants that are told at a time. */
const toldMax = 20
/** Tenants of trials that are deleted at a time. */
const deletedMax = 5

export abstract class DirectoryDurableObject<Env> extends DurableObject<Env> {
  readonly #directory: Directory
  readonly #parts: DirectoryParts
  readonly #audit: DirectoryAudit

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
      ciIssuers: parts.ciIssuers === undefined ? [] : parseCiIssuers(parts.ciIssuers),
      auditTable: parts.audit.table,
    })
    this.#audit = new DirectoryAudit(parts.audit.open(ctx.storage.sql))
    ctx.waitUntil(this.#setAlarm())
    ctx.waitUntil(this.#directory.secondFactors.sealAgain())
  }

  isClaimed(): boolean {
    return this.#directory.isClaimed
  }

  takeOwnerLink(request: OwnerLinkRequest): Outcome<SignedIn> {
    return this.#audit.signIn(
      "the operator's link",
      outcomeOf(() => this.#directory.takeOwnerLink(request)),
    )
  }

  /** A tenant has erased its user. Sessions that end with the account are owed to the tenants that opened them. */
  async forgetUser(membership: Membership): Promise<void> {
    this.#directory.forgetUser(membership)
    await this.#setAlarm()
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
    return laterOutcomeOf(async () => passkeys.registrationOptions(this.#directory.requireFresh(secret).account, site))
  }

  async addPasskey(secret: string, { response, site, device }: PasskeyAnswer): Promise<Outcome<null>> {
    const outcome = await laterOutcomeOf(async () => {
      const { account } = this.#directory.requireFresh(secret)
      await this.#directory.passkeys.register(account.id, { response, site, name: device.agent })
      return null
    })
    return this.#audit.change('a passkey was added', outcome, this.#accountOf(secret))
  }

  removePasskey(secret: string, id: string): Outcome<null> {
    const outcome = outcomeOf(() => {
      const { account } = this.#directory.requireFresh(secret)
      if (this.#directory.passkeys.remove(account.id, id)) return null
      throw new ObjectError({ code: 'not_found', field: 'passkey', message: 'passkey: you have no such passkey' })
    })
    return this.#audit.change('a passkey was removed', outcome, this.#accountOf(secret))
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

  async finishUpstream(answer: UpstreamAnswer): Promise<Outcome<SignedIn>> {
    const outcome = await laterOutcomeOf(() => this.#directory.finishUpstream(answer))
    return this.#audit.signIn('an account elsewhere', outcome)
  }

  unlinkUpstream(secret: string): Outcome<null> {
    const outcome = outcomeOf(() => {
      this.#directory.upstream.unlink(this.#directory.requireFresh(secret).account.id)
      return null
    })
    return this.#audit.change('an account elsewhere was unlinked', outcome, this.#accountOf(secret))
  }

  async signInByPassword(asked: PasswordSignIn): Promise<Outcome<SignedIn>> {
    const outcome = await laterOutcomeOf(() => this.#directory.signInByPassword(asked))
    return this.#audit.signIn('a password', outcome, this.#directory.accounts.findByEmail(asked.email)?.id)
  }

  async setPassword(secret: string, passwords: PasswordChange): Promise<Outcome<null>> {
    const outcome = await laterOutcomeOf(async () => {
      await this.#directory.setPassword(secret, passwords)
      return null
    })
    return this.#settled(this.#audit.change('the password was set', outcome, this.#accountOf(secret)))
  }

  beginSecondFactor(secret: string): Promise<Outcome<{ readonly secret: string; readonly uri: string }>> {
    return laterOutcomeOf(async () => {
      const { account } = this.#directory.requireFresh(secret)
      return this.#directory.secondFactors.begin(account.id, account.email)
    })
  }

  async confirmSecondFactor(secret: string, otp: string): Promise<Outcome<readonly string[]>> {
    const outcome = await laterOutcomeOf(async () => this.#directory.confirmSecondFactor(secret, otp))
    return this.#audit.change('a second factor was added', outcome, this.#accountOf(secret))
  }

  async endSecondFactor(secret: string, otp: string): Promise<Outcome<null>> {
    const outcome = await laterOutcomeOf(async () => {
      await this.#directory.endSecondFactor(secret, otp)
      return null
    })
    return this.#audit.change('the second factor was removed', outcome, this.#accountOf(secret))
  }

  async signInByPasskey(answer: PasskeyAnswer): Promise<Outcome<SignedIn>> {
    return this.#audit.signIn('a passkey', await laterOutcomeOf(() => this.#directory.signInByPasskey(answer)))
  }

  async endSession(secret: string, id?: string): Promise<Outcome<null>> {
    const person = this.#directory.personOf(secret)
    const ended = id ?? person?.session.id
    const outcome = outcomeOf(() => {
      this.#directory.endSession(secret, ended ?? this.#directory.requirePerson(secret).session.id)
      return null
    })
    if (outcome.ok) this.#audit.signOut(person?.account.id, ended)
    return this.#settled(outcome)
  }

  invite(invitation: Invitation): MadeLink {
    return this.#directory.links.invite(invitation)
  }

  acceptInvitation(request: AcceptRequest): Promise<Outcome<SignedIn & Invitation>> {
    const outcome = outcomeOf(() => this.#directory.acceptInvitation(request))
    return this.#settled(this.#audit.signIn('an invitation', outcome))
  }

  makeRecovery(secret: string, email: string): Outcome<MadeLink> {
    const outcome = outcomeOf(() => this.#directory.makeRecovery(secret, email))
    return this.#audit.change('a link to recover an account was made', outcome, this.#accountOf(secret))
  }

  requestRecovery(email: string, address: string): MadeLink | null {
    const outcome = outcomeOf(() => this.#directory.requestRecovery(email, address))
    return outcome.ok ? (outcome.value ?? null) : null
  }

  recover(code: string, device: Device): Promise<Outcome<SignedIn>> {
    const outcome = outcomeOf(() => this.#directory.recover(code, device))
    return this.#settled(this.#audit.signIn('a link to recover the account', outcome))
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

  async beginTrial(address: string): Promise<Outcome<BegunTrial>> {
    const outcome = outcomeOf(() => this.#directory.trials.begin(address))
    await this.#setAlarm()
    return outcome
  }

  async endTrial(tenant: string): Promise<void> {
    this.#directory.trials.end(tenant)
    await this.#setAlarm()
    await this.#deleteTrials()
  }

  offerTrial(tenant: string): Outcome<MadeLink> {
    return outcomeOf(() => this.#directory.trials.offer(tenant))
  }

  claimTrial(claim: TrialClaim): Promise<Outcome<SignedIn & { readonly tenant: string }>> {
    const outcome = outcomeOf(() => claimTrial(this.#directory, claim))
    return this.#settled(this.#audit.signIn('the claim of a trial', outcome))
  }

  async claimTrialByJob(claim: CiToken & { readonly code: string }): Promise<Outcome<ClaimedByJob>> {
    return this.#settled(await laterOutcomeOf(() => claimTrialByJob(this.#directory, claim)))
  }

  audit(secret: string, selection: AuditSelection): Outcome<readonly StoredAuditEntry[]> {
    return outcomeOf(() => {
      if (this.#directory.requirePerson(secret).account.isOwner) return this.#audit.list(selection)
      throw new ObjectError({ code: 'forbidden', message: 'only an owner of the server reads its audit log' })
    })
  }

  #accountOf(secret: string): string | undefined {
    return this.#directory.personOf(secret)?.account.id
  }

  override async alarm(): Promise<void> {
    await this.#tellTenants()
    await this.#deleteTrials()
    await this.#setAlarm()
  }

  async #setAlarm(): Promise<void> {
    const { owed, trials } = this.#directory
    const nextMs = Math.min(...[owed.nextMs, trials.nextMs].flatMap((ms) => ms ?? []))
    if (Number.isFinite(nextMs)) await this.ctx.storage.setAlarm(Math.max(nextMs, Date.now() + alarmMsMin))
  }

  /** Never rejects: a deletion that fails is tried again by the alarm. */
  async #deleteTrials(): Promise<void> {
    const { trials } = this.#directory
    for (const tenant of trials.takeEnding(deletedMax)) {
      try {
        await this.#parts.deleteTenant(tenant)
        trials.remove(tenant)
      } catch (error) {
        console.error(`the trial ${tenant} is over and has still to be deleted: ${String(error)}`)
      }
    }
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
    const { accounts, owed } = this.#directory
    const told = owed.due(toldMax).map(async (message) => {
      owed.attempt(message)
      try {
        const claimant = message.kind === 'claim' ? accounts.find(message.subject) : undefined
        const user = await this.#parts.tell(message, claimant)
        if (claimant !== undefined && user !== undefined) accounts.join(claimant.id, { tenant: message.tenant, user })
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
