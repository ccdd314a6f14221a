// The people of a server: who has an account, who is signed in, and as which `User` of which tenant. A tenant decides what its
// `User` may do; the directory says who that is.

import { ObjectError, sha256Hex } from 'digital-objects'
import { randomSecret } from '../random-secret.ts'
import { type Account, Accounts, type Membership } from './accounts.ts'
import { forgetUser } from './forget-user.ts'
import { Attempts, type Subject } from './attempts.ts'
import { type CiIssuer, CiJobs } from './ci-jobs.ts'
import { readMeta, upgradeDirectoryTables, writeMeta } from './directory-tables.ts'
import { type Invitation, linkIsOver, Links, type MadeLink } from './links.ts'
import { Owed } from './owed.ts'
import type { OwnerLink } from './owner-link.ts'
import { Passkeys } from './passkeys.ts'
import { Passwords, type PasswordsOptions } from './passwords.ts'
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
import type { SealingKeys } from './sealed.ts'
import { SecondFactors } from './second-factors.ts'
import { Trials } from './trials.ts'
import { type BegunSignIn, type Provider, Upstream, type UpstreamOptions } from './upstream.ts'
import { type Device, SignIns } from './sign-ins.ts'

/** A tenant's session of a person is opened again after this time, which counts as a use of the sign-in session. */
const tenantSessionMs = 3_600_000
/** Changes of ways to sign in need a sign-in that is not older. */
const freshMs = 15 * 60_000

export interface DirectoryOptions {
  readonly storage: DurableObjectStorage
  readonly random: (count: number) => Uint8Array
  readonly now: () => number
  readonly hash: PasswordsOptions['hash']
  /** Encrypt the secrets of authenticator apps. */
  readonly sealingKeys: SealingKeys | undefined
  readonly provider: Provider | undefined
  readonly fetch: UpstreamOptions['fetch']
  /** The link of the operator, if there is one. */
  readonly ownerLink: OwnerLink | undefined
  /** The statement that creates the table of the audit log. */
  readonly auditTable: string
  /** The platforms whose CI jobs may claim trials. */
  readonly ciIssuers: readonly CiIssuer[]
}

export class Directory {
  readonly accounts: Accounts
  readonly signIns: SignIns
  readonly links: Links
  readonly owed: Owed
  readonly passkeys: Passkeys
  readonly passwords: Passwords
  readonly secondFactors: SecondFactors
  readonly attempts: Attempts
  readonly upstream: Upstream
  readonly trials: Trials
  readonly ciJobs: CiJobs
  readonly #options: DirectoryOptions

  constructor(options: DirectoryOptions) {
    const { storage } = options
    storage.transactionSync(() => upgradeDirectoryTables(storage.sql, options.auditTable))
    this.accounts = new Accounts(storage.sql)
    this.owed = new Owed(storage.sql, options.now)
    const parts = { sql: storage.sql, random: options.random, now: options.now }
    this.signIns = new SignIns({ ...parts, owed: this.owed })
    this.links = new Links(parts)
    this.passkeys = new Passkeys(storage.sql, options.now)
    this.passwords = new Passwords({ ...parts, hash: options.hash })
    this.secondFactors = new SecondFactors({ ...parts, keys: options.sealingKeys })
    this.attempts = new Attempts(storage.sql, options.now)
    this.upstream = new Upstream({ ...parts, provider: options.provider, fetch: options.fetch })
    this.trials = new Trials(parts)
    this.ciJobs = new CiJobs({ ...parts, issuers: options.ciIssuers, fetch: options.fetch })
    this.#options = options
  }

  get isClaimed(): boolean {
    return this.accounts.owner !== undefined
  }

  /**
   * Takes the operator's link: it makes the first owner of a server without one, or signs its owner in again. Throws an
   * ObjectError for a link that is wrong, used or over. Of two requests at once, one succeeds.
   */
  takeOwnerLink(request: {
    readonly code: string
    readonly name: string
    readonly email: string
    readonly device: Device
  }): SignedIn {
    const { storage } = this.#options
    return storage.transactionSync(() => {
      const { kind, hash } = this.#requireOwnerLink(request.code)
      const { owner } = this.accounts
      if (kind === 'claim' && owner !== undefined) throw linkIsOver()
      const { name, email } = request
      const account = owner ?? this.addAccount({ name, email, isOwner: true })
      writeMeta(storage.sql, 'ownerLink', hash)
      const { secret } = this.signIns.begin(account.id, request.device)
      return { secret, account }
    })
  }

  /** Adds an account. Throws an ObjectError for a name or an address that cannot be one, or whose account exists. */
  addAccount(person: { readonly name: string; readonly email: string; readonly isOwner: boolean }): Account {
    const id = `person_${randomSecret(this.#options.random, 20)}`
    return this.accounts.add({ id, ...person }, this.#options.now())
  }

  /** Forgets the person behind a user whose personal values a tenant has erased. */
  forgetUser(membership: Membership): void {
    const { sql } = this.#options.storage
    this.transaction(() => forgetUser({ sql, signIns: this.signIns }, membership))
  }

  /** Does work that is stored whole or not at all. */
  transaction<Result>(work: () => Result): Result {
    return this.#options.storage.transactionSync(work)
  }

  /**
   * Takes an invitation: the signed-in person becomes the invited user, or a new person whose address is the invited one. An
   * invitation never signs in a person who has an account already: whoever invites has the link, and may not become them.
   */
  acceptInvitation(request: {
    readonly code: string
    readonly secret: string | undefined
    readonly name: string
    readonly device: Device
  }): SignedIn & Invitation {
    const { code, secret, name, device } = request
    return this.#options.storage.transactionSync(() => {
      const invitation = this.links.takeInvitation(code)
      const person = secret === undefined ? undefined : this.personOf(secret)
      const { email } = invitation
      const account = person?.account ?? this.addAccount({ name, email, isOwner: false })
      this.accounts.join(account.id, invitation)
      this.owed.add({ tenant: invitation.tenant, kind: 'activate', subject: invitation.user })
      const session = secret === undefined || person === undefined ? this.signIns.begin(account.id, device) : { secret }
      return { secret: session.secret, account, ...invitation }
    })
  }

  /** Makes a link with which a person who has lost every way to sign in gets a session. Only an owner of the server may. */
  makeRecovery(secret: string, email: string): MadeLink {
    if (!this.requirePerson(secret).account.isOwner)
      throw new ObjectError({ code: 'forbidden', message: 'only an owner of the server may recover an account' })
    const account = this.accounts.findByEmail(email)
    if (account === undefined)
      throw new ObjectError({ code: 'not_found', field: 'email', message: 'email: no account has this address' })
    return this.links.recover(account.id, account.email)
  }

  /** Makes such a link for whoever can read the mail of the address. Throws an ObjectError after too many requests. */
  requestRecovery(email: string, address: string): MadeLink | undefined {
    const name = `recovery of ${email.trim().toLowerCase()}`
    this.attempts.begin([
      { kind: 'account', name },
      ...(address === '' ? [] : [{ kind: 'address', name: address } as const]),
    ])
    const account = this.accounts.findByEmail(email)
    const isMailEnough = account !== undefined && !this.secondFactors.isOn(account.id)
    return isMailEnough ? this.links.recover(account.id, account.email) : undefined
  }

  /** Takes such a link. The other sessions, the password and the second factor end; passkeys stay. */
  recover(code: string, device: Device): SignedIn {
    const { ownerLink } = this.#options
    if (ownerLink?.kind === 'recover' && ownerLink.hash === sha256Hex(code)) return this.#recoverOwner(code, device)
    return this.#options.storage.transactionSync(() => {
      const account = this.accounts.find(this.links.takeRecovery(code))
      if (account === undefined) throw linkIsOver()
      // Somebody else may have found the lost device.
      for (const { id } of this.signIns.of(account.id)) this.signIns.end(id)
      this.passwords.remove(account.id)
      this.secondFactors.remove(account.id)
      return { secret: this.signIns.begin(account.id, device).secret, account }
    })
  }

  #recoverOwner(code: string, device: Device): SignedIn {
    if (this.accounts.owner === undefined) throw linkIsOver()
    return this.takeOwnerLink({ code, name: '', email: '', device })
  }

  #requireOwnerLink(code: string): OwnerLink {
    const { ownerLink, storage, now } = this.#options
    const hash = sha256Hex(code)
    const isValid = ownerLink?.hash === hash && now() < ownerLink.endsMs
    if (!isValid || readMeta(storage.sql, 'ownerLink') === hash) throw linkIsOver()
    return ownerLink
  }

  /** Returns who is signed in with this secret; undefined if nobody is. */
  personOf(secret: string): Person | undefined {
    const session = this.signIns.use(sha256Hex(secret))
    const account = session && this.accounts.find(session.account)
    return account && session && { account, session, memberships: this.accounts.membershipsOf(account.id) }
  }

  /** Throws an ObjectError `unauthorized` if nobody is signed in with this secret. */
  requirePerson(secret: string): Person {
    const person = this.personOf(secret)
    if (person !== undefined) return person
    throw new ObjectError({ code: 'unauthorized', message: 'nobody is signed in here, or the session has ended' })
  }

  /**
   * Returns the person, if they have signed in a short time ago: whoever finds a browser open must not get a way to sign in of
   * their own. A person without one has nothing to sign in with again. Throws an ObjectError.
   */
  requireFresh(secret: string): Person {
    const person = this.requirePerson(secret)
    const { account, session } = person
    const isFresh = this.#options.now() - session.createdMs <= freshMs
    if (isFresh || !this.#hasOwnWay(account.id)) return person
    const message = `session: sign in again first; this needs a sign-in of the last ${freshMs / 60_000} minutes`
    throw new ObjectError({ code: 'forbidden', field: 'session', message })
  }

  #hasOwnWay(account: string): boolean {
    return (
      this.passkeys.of(account).length > 0 ||
      this.passwords.find(account) !== undefined ||
      this.upstream.isLinked(account)
    )
  }

  /** Returns how the person signs in, and where. */
  securityOf(secret: string): Security {
    const { account } = this.requirePerson(secret)
    return {
      sessions: this.signIns.of(account.id),
      passkeys: this.passkeys.of(account.id),
      hasPassword: this.passwords.find(account.id) !== undefined,
      hasSecondFactor: this.secondFactors.isOn(account.id),
      provider:
        this.upstream.providerName === undefined
          ? null
          : { name: this.upstream.providerName, isLinked: this.upstream.isLinked(account.id) },
    }
  }

  /** Takes as long for an account that does not exist. Throws an ObjectError with one sentence for whatever was wrong. */
  async signInByPassword({ email, password, otp, device }: PasswordSignIn): Promise<SignedIn> {
    const account = this.accounts.findByEmail(email)
    const subject = subjectOf(email)
    const address: readonly Subject[] = device.address === '' ? [] : [{ kind: 'address', name: device.address }]
    this.attempts.begin([subject, ...address])
    const isRight = await this.passwords.isRight(account?.id, password)
    if (!isRight || account === undefined)
      throw new ObjectError({
        code: 'unauthorized',
        field: 'password',
        message: 'password: no account has this address and password',
      })
    await this.secondFactors.require(account.id, otp)
    this.attempts.succeed(subject)
    return { secret: this.signIns.begin(account.id, device).secret, account }
  }

  /** Sets the password, and ends the person's other sessions. Needs the present password, if there is one. */
  async setPassword(secret: string, passwords: { readonly password: string; readonly current: string }): Promise<void> {
    const { account, session } = this.requireFresh(secret)
    if (this.passwords.find(account.id) !== undefined) {
      const subject = subjectOf(account.email)
      this.attempts.begin([subject])
      if (!(await this.passwords.isRight(account.id, passwords.current)))
        throw new ObjectError({ code: 'forbidden', field: 'current', message: 'current: the password is wrong' })
      this.attempts.succeed(subject)
    }
    await this.passwords.set(account.id, passwords.password)
    for (const { id } of this.signIns.of(account.id)) if (id !== session.id) this.signIns.end(id)
  }

  /** Returns the recovery codes. Codes are guessed no faster than passwords. */
  confirmSecondFactor(secret: string, otp: string): Promise<readonly string[]> {
    const { account } = this.requirePerson(secret)
    this.attempts.begin([subjectOf(account.email)])
    return this.secondFactors.confirm(account.id, otp)
  }

  async endSecondFactor(secret: string, otp: string): Promise<void> {
    const { account } = this.requireFresh(secret)
    this.attempts.begin([subjectOf(account.email)])
    await this.secondFactors.require(account.id, otp)
    this.secondFactors.remove(account.id)
  }

  /** Begins to sign in with an account elsewhere, or to link one to the signed-in person. */
  beginUpstream({ redirectUri, secret }: UpstreamBegin): Promise<BegunSignIn> {
    const account = secret === undefined ? '' : this.requireFresh(secret).account.id
    return this.upstream.begin({ redirectUri, account })
  }

  /** Links the account elsewhere, if that was begun by the person who is signed in now, or signs its person in. */
  async finishUpstream({ secret, device, ...answer }: UpstreamAnswer): Promise<SignedIn> {
    const finished = await this.upstream.finish(answer)
    const person = secret === undefined ? undefined : this.personOf(secret)
    if (finished.linking !== '') {
      if (secret === undefined || person?.account.id !== finished.linking)
        throw new ObjectError({ code: 'forbidden', message: 'another person has begun this; begin again' })
      this.upstream.link(person.account.id, finished)
      return { secret, account: person.account }
    }
    const account = this.accounts.find(this.upstream.accountOf(finished) ?? '')
    if (account === undefined)
      throw new ObjectError({
        code: 'forbidden',
        field: 'provider',
        message: 'nobody here has linked this account; sign in by another way and link it on your account page',
      })
    return { secret: this.signIns.begin(account.id, device).secret, account }
  }

  /** Throws an ObjectError if the answer of the browser is not that of a passkey of this site. */
  async signInByPasskey(answer: PasskeyAnswer): Promise<SignedIn> {
    const account = this.accounts.find(await this.passkeys.signIn(answer))
    if (account === undefined) throw new ObjectError({ code: 'unauthorized', message: 'the account is no more' })
    return { secret: this.signIns.begin(account.id, answer.device).secret, account }
  }

  /** Returns the session that a tenant is to open for the signed-in person; undefined if the person is no member of it. */
  sessionFor(secret: string, tenant: string): TenantSession | undefined {
    const session = this.signIns.use(sha256Hex(secret))
    const membership = session && this.accounts.membershipOf(session.account, tenant)
    if (session === undefined || membership === undefined) return undefined
    this.signIns.openIn(session.id, tenant)
    const endsMs = Math.min(this.#options.now() + tenantSessionMs, session.endsMs)
    return { id: session.id, user: membership.user, endsMs }
  }

  /** Ends one of the person's own sessions. Throws an ObjectError `not_found` for any other. */
  endSession(secret: string, id: string): void {
    const { account } = this.requirePerson(secret)
    if (!this.signIns.of(account.id).some((session) => session.id === id))
      throw new ObjectError({ code: 'not_found', field: 'session', message: 'session: you have no such session' })
    this.#options.storage.transactionSync(() => this.signIns.end(id))
  }
}

function subjectOf(email: string): Subject {
  return { kind: 'account', name: email.trim().toLowerCase() }
}
