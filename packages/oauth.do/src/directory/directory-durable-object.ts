// The directory: one Durable Object of a server that holds its people. Its methods take and return plain data, and a refusal
// is an answer. No secret leaves it but to the person whom it signs in.

import { DurableObject } from 'cloudflare:workers'
import { ObjectError, type ObjectErrorData } from 'digital-objects'
import { Directory, type Person, type SignedIn, type TenantSession } from './directory.ts'
import { parseOwnerLink } from './owner-link.ts'
import type { Device, SignIn } from './sign-ins.ts'

export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: ObjectErrorData }

export interface DirectoryParts {
  /** Ends a session in a tenant. Rejects if the tenant cannot be reached. */
  readonly endSession: (tenant: string, session: string) => Promise<void>
  /** See `owner-link.ts`. */
  readonly ownerLink: string | undefined
}

/** What the front door asks of the directory. */
export interface DirectoryStub {
  isClaimed(): Promise<boolean>
  takeOwnerLink(request: OwnerLinkRequest): Promise<Outcome<SignedIn>>
  personOf(secret: string): Promise<Person | null>
  sessionFor(secret: string, tenant: string): Promise<TenantSession | null>
  sessionsOf(secret: string): Promise<Outcome<readonly SignIn[]>>
  /** Ends one of the person's sessions in all tenants; without an id, the one with this secret. */
  endSession(secret: string, id?: string): Promise<Outcome<null>>
  join(secret: string, membership: { readonly tenant: string; readonly user: string }): Promise<Outcome<null>>
}

export interface OwnerLinkRequest {
  readonly code: string
  readonly name: string
  readonly email: string
  readonly device: Device
}

const retryMs = 2_000
/** Tenants that are told at a time. */
const endingsMax = 20

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
      ownerLink: parts.ownerLink === undefined ? undefined : parseOwnerLink(parts.ownerLink),
    })
    if (this.#owesEndings) void ctx.storage.setAlarm(Date.now())
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

  sessionsOf(secret: string): Outcome<readonly SignIn[]> {
    return outcomeOf(() => this.#directory.signIns.of(this.#directory.requirePerson(secret).account.id))
  }

  /** Answers once every tenant that could be reached has ended the session. The alarm tells the others. */
  async endSession(secret: string, id?: string): Promise<Outcome<null>> {
    const outcome = outcomeOf(() => {
      this.#directory.endSession(secret, id ?? this.#directory.requirePerson(secret).session.id)
      return null
    })
    if (this.#owesEndings) await this.ctx.storage.setAlarm(Date.now() + retryMs)
    await this.#tellTenants()
    return outcome
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
    try {
      await this.#tellTenants()
    } finally {
      if (this.#owesEndings) await this.ctx.storage.setAlarm(Date.now() + retryMs)
    }
  }

  get #owesEndings(): boolean {
    return this.#directory.signIns.endings(1).length > 0
  }

  /** Never rejects: whoever is not told now is told by the alarm. */
  async #tellTenants(): Promise<void> {
    const told = this.#directory.signIns.endings(endingsMax).map(async (ending) => {
      try {
        await this.#parts.endSession(ending.tenant, ending.session)
        this.#directory.signIns.told(ending)
      } catch (error) {
        console.error(`a session has still to be ended in ${ending.tenant}: ${String(error)}`)
      }
    })
    await Promise.all(told)
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
