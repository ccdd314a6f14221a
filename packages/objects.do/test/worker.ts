// The Worker for tests in workerd: the real object, which stores files in a bucket, and a bare one with only its storage.

import { parseSecretKeys, tenantFilesOf } from '@dotdo/do'
import { DurableObject } from 'cloudflare:workers'
import { type ObjectStore, R2ObjectStore } from '@dotdo/db'
import type { Change } from '@dotdo/do'
import { applyDefaults, type Call, ObjectError, sha256Hex } from 'digital-objects'
import {
  AuditLog,
  auditTable,
  type Caller,
  defaultFlushSettings,
  RegistryDurableObject,
  TenantObject as DigitalObject,
} from 'objects.do'
import { activateUser } from '../../../apps/headless.ly/src/identity/ask-tenant-as.ts'
import { deleteTrial, makePermanent } from '../../../apps/headless.ly/src/identity/trials.ts'
import { provider, providerFetch } from '../../oauth.do/test/provider.ts'
import { answerRead } from '../src/calls/answer-read.ts'
import { RecordedReads } from '../src/entities/recorded-reads.ts'
import { oauthService } from 'oauth.do'
import { DirectoryDurableObject, PasswordHasherDurableObject } from 'oauth.do/directory'
import { paymentServices } from './payment-services.ts'
import { databaseService } from 'database.do'
import { badges } from './badges-service.ts'
import { seatRuns, seats } from './seats-service.ts'

const identity = oauthService({
  random: (count) => crypto.getRandomValues(new Uint8Array(count)),
  isOwnerAnybody: true,
})

class CommittingObject extends DigitalObject<Cloudflare.Env> {
  /** Creates and updates contacts in one commit. Returns their ids. */
  async commitContacts(changes: readonly { readonly id?: string; readonly name: string }[]): Promise<string[]> {
    const tenant = { name: 'acme', context: 'http://localhost:8787/~acme' }
    const { written } = await this.store.commit(
      (commit) => {
        for (const { id, name } of changes) commit.write(this.#contactChange(id, name))
        return null
      },
      { tenant },
    )
    return written.map(({ row }) => row.target)
  }

  #contactChange(id: string | undefined, name: string): Change {
    const schema = this.store.catalog.lookup('Contact')
    const verb = schema?.verbs[id === undefined ? 'create' : 'update']
    if (schema === undefined || verb === undefined) throw new Error('no Contact')
    const base = { schema, verb, actor: 'anonymous', via: 'rest' } as const
    if (id === undefined) return { ...base, kind: 'create', decide: () => applyDefaults(schema, { name }) }
    return { ...base, kind: 'change', target: id, decide: ({ current }) => ({ ...current, name }) }
  }
}

/** The time for which bytes stay that no asset names. */
const grace = { ms: 3_600_000 }
const files = databaseService({
  random: (count) => crypto.getRandomValues(new Uint8Array(count)),
  now: Date.now,
  graceMs: () => grace.ms,
})

/** A tenant with the services that decide who calls and that keep files, as in the product. */
export class TenantObject extends CommittingObject {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, {
      services: [identity, files],
      lake: lakeOf(ctx, env),
      secretKeys: parseSecretKeys(`1:${'A'.repeat(43)}`),
    })
  }
}

/** A tenant with some more services than the core. */
export class ServedObject extends DigitalObject<Cloudflare.Env> {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, { services: [badges, seats, files], lake: lakeOf(ctx, env) })
  }

  setGrace(ms: number): void {
    grace.ms = ms
  }

  /** Stores the bytes of an upload, as the Worker does. */
  async putBytes(id: string, bytes: Uint8Array): Promise<void> {
    await this.#files.put(`${id}/0000000000000`, bytes, { ifAbsent: true })
  }

  async fileKeys(): Promise<readonly string[]> {
    return (await this.#files.list({ prefix: '', limit: 100 })).objects.map(({ key }) => key)
  }

  get #files() {
    return tenantFilesOf(lakeOf(this.ctx, this.env).store, this.store.name ?? '')
  }

  seatRuns(): number {
    return seatRuns.count
  }

  waitingSeats(): number {
    return seatRuns.waiting.length
  }

  releaseSeats(): void {
    for (const release of seatRuns.waiting.splice(0)) release()
  }
}

const testSecretKeys = { newest: 1, bytes: new Map([[1, new Uint8Array(32).fill(7)]]) }

/** A tenant with the service that keeps the records of money. */
export class PaymentsObject extends DigitalObject<Cloudflare.Env> {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, { services: paymentServices, lake: lakeOf(ctx, env), secretKeys: testSecretKeys })
  }
}

/** A tenant that reads almost every list and count in slices of a few rows. */
export class SlicedObject extends CommittingObject {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, {
      services: [],
      lake: lakeOf(ctx, env),
      slices: { smallRowsMax: 0, patternRowsMax: 0, rowsPerSlice: 48 },
    })
  }

  /** The number of slices so far. */
  slices(): number {
    return this.store.sliceCount
  }
}

/** A tenant that records what reads depend on. */
export class RecordingObject extends DigitalObject<Cloudflare.Env> {
  #recorded: { readonly reads: RecordedReads; readonly seq: number }[] = []

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, { services: [], lake: lakeOf(ctx, env) })
  }

  /** Answers a read: its body, or the code of its refusal. The recorded read has the index `at`. */
  async record(
    caller: Caller,
    call: Exclude<Call, { kind: 'write' | 'command' }>,
  ): Promise<{ at: number; answer: string }> {
    const { store } = this
    const recorder = new RecordedReads()
    const answer = await store.reading((run) => {
      try {
        return answerRead(call, caller, { store, run, recorder }).body
      } catch (error) {
        if (error instanceof ObjectError) return `${error.code}: ${error.message}`
        throw error
      }
    })
    this.#recorded.push({ reads: recorder, seq: store.events.head })
    return { at: this.#recorded.length - 1, answer }
  }

  /** For each of these recorded reads: what of it has changed since, in words, or null. */
  affected(reads: readonly number[]): readonly (string | null)[] {
    return reads.map((at) => {
      const recorded = this.#recorded[at]
      return (
        recorded?.reads.affected(this.store, { after: recorded.seq, through: this.store.events.head })?.read ?? null
      )
    })
  }
}

type Lake = { readonly store: ObjectStore; readonly settings: typeof defaultFlushSettings }

/** An object that is named as the front door names it has its files where the front door reads them. */
function lakeOf({ id }: DurableObjectState, env: Cloudflare.Env): Lake {
  const store = new R2ObjectStore(env.LAKE)
  const isOfFrontDoor = /^[a-z0-9-]+$/.test(id.name ?? '')
  return { store: isOfFrontDoor ? store : folderOf(store, `${id.toString()}/`), settings: defaultFlushSettings }
}

/** Tests give one tenant's name to several objects, whose files must not meet. */
function folderOf(store: ObjectStore, folder: string): ObjectStore {
  const within = (keys: readonly string[]): string[] => keys.map((key) => folder + key)
  return {
    get: (key, range) => store.get(folder + key, range),
    head: (key) => store.head(folder + key),
    stat: (key) => store.stat(folder + key),
    put: (key, bytes, options) => store.put(folder + key, bytes, options),
    delete: (keys) => store.delete(within(keys)),
    sync: (keys) => store.sync(within(keys)),
    list: async ({ prefix, after, limit }) => {
      const page = await store.list({
        prefix: folder + prefix,
        limit,
        ...(after === undefined ? {} : { after: folder + after }),
      })
      return { ...page, objects: page.objects.map((one) => ({ ...one, key: one.key.slice(folder.length) })) }
    },
  }
}

export class RegistryObject extends RegistryDurableObject<Cloudflare.Env> {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, {
      tenant: (name) => env.TENANTS.getByName(name),
      earlierTenants: () => Promise.resolve({ names: [], next: null }),
    })
  }
}

/** The code of the operator's link is `the-owner`. */
const ownerLink = `claim ${sha256Hex('the-owner')} ${Date.UTC(2100, 0)}`

export class DirectoryObject extends DirectoryDurableObject<Cloudflare.Env> {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, {
      tell: async ({ tenant, kind, subject }, claimant) => {
        if (kind === 'claim') return makePermanent(env, tenant, claimant)
        if (kind === 'activate') await activateUser(env, tenant, subject)
        else await env.TENANTS.getByName(tenant).endSession(subject)
        return undefined
      },
      deleteTenant: (tenant) => deleteTrial(env, tenant),
      audit: { table: auditTable, open: (sql) => new AuditLog({ sql, now: Date.now }) },
      ciIssuers: JSON.stringify([{ issuer: provider.issuer, claims: { repository_owner: 'acme' } }]),
      hash: async (password, salt) => env.HASHER.getByName('hasher').hash(password, salt),
      sealingKeys: { newest: 1, bytes: new Map([[1, new Uint8Array(32)]]) },
      provider: JSON.stringify(provider),
      fetch: providerFetch,
      ownerLink,
    })
  }
}

export class HasherObject extends PasswordHasherDurableObject<Cloudflare.Env> {}

export class BareObject extends DurableObject {
  /** Tests run alarms themselves. */
  override alarm(): void {}
}

export default { fetch: (): Response => new Response('tests') }
