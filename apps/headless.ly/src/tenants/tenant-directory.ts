// Which tenants exist, and the way to their objects. A tenant exists from its first accepted write on. Calling an object
// creates its database file, so the object of a tenant that does not exist is never called: one vacant object, which never
// has data, answers for all of them.

import { LruCache, manifestKey } from '@dotdo/db'
import type { AuthorizationAnswer, AuthorizationRequest } from '@dotdo/service'
import { ObjectError, type ObjectErrorData } from 'digital-objects'
import {
  askTenant,
  type AuditEntry,
  type CallMessage,
  type CommandOutcome,
  erasuresKey,
  hasRested,
  type SentCommand,
  type Session,
} from 'objects.do'
import { tenantsKey } from '../base/bindings.ts'
import type { Env, RegistryStub, TenantStub } from '../base/env.ts'
import { objectStoreOf } from '../base/object-store-of.ts'
import { isOverloaded } from '../base/error-to-data.ts'
import { RequestRoom } from '../base/request-room.ts'
import { storageSpaceOf } from '../base/storage-space-of.ts'
import { checkNewTenant, isTenantSlug } from '../base/tenant-slug.ts'
import { openObjectsOf } from './open-objects.ts'

/** Names known to exist, a few MB at most; the registry knows the others. */
const knownMax = 50_000
/** No slug, so no tenant has this name. */
const vacantName = '~vacant'
/**
 * A first write takes 15 ms of the thread and as long for the disk: it is rehearsed, and makes many tables. Many at a time
 * would delay everybody.
 */
const beginningMax = 2
/** A beginning takes a fraction of this time, unless its request was cut off. */
const beginningMs = 1_000
/** A tenant that is deleted again and again meanwhile is reported as such. */
const attemptsMax = 3
/** The waits before a read whose object was reset is asked again. */
const askAgainMs = [0, 100, 400]

export type Greeting = { readonly refusal: ObjectErrorData } | { readonly text: string; readonly refusal?: undefined }

export class TenantDirectory {
  readonly #env: Env
  readonly #rest: () => Promise<void>
  readonly #known = new LruCache<true>(knownMax)
  readonly #beginning = new RequestRoom({
    tenantMax: beginningMax,
    totalMax: beginningMax,
    crowdedMax: 0,
    longMs: beginningMs,
  })
  /** Called when a tenant begins, by the tenant's name. */
  readonly #waiting = new Map<string, Set<() => void>>()

  /** `rest` resolves once the system's events were served. */
  constructor(env: Env, rest: () => Promise<void> = restBriefly) {
    this.#env = env
    this.#rest = rest
  }

  /**
   * Whether the tenant exists. A tenant from before the registry is found by its data, and registered. Throws an
   * ObjectError `conflict` while the tenant is being deleted, and `invalid_tenant` for a name that it may not have.
   */
  async exists(name: string): Promise<boolean> {
    if (this.#known.get(name) !== undefined) return true
    // Anonymous callers of no tenant have such a name.
    if (!isTenantSlug(name)) return false
    const registration = await this.#registry.find(name)
    if (registration === 'being-deleted') throw beingDeleted(name)
    const isPresent = registration === 'present' || ((await this.#hasData(name)) && (await this.#registry.add(name)))
    if (isPresent) {
      await this.#requireErased(name)
      this.#began(name)
    } else checkNewTenant(name)
    return isPresent
  }

  /**
   * Throws an ObjectError `overloaded` for a tenant of a restored backup whose object has not yet erased again what was erased
   * since: its files have the values too, and answer reads without the object.
   */
  async #requireErased(name: string): Promise<void> {
    // Without an object store that answers, no files answer reads either.
    const listed = await objectStoreOf(this.#env)
      ?.head(erasuresKey(name))
      .catch(() => undefined)
    if (listed === undefined) return
    if (!(await this.#use(name, (object) => object.isClosed()))) return
    const message = 'persons that were erased since this backup was made are erased again: try again in a moment'
    throw new ObjectError({ code: 'overloaded', message, detail: { retryAfterSeconds: 1 } })
  }

  /** Whether this isolate knows that the tenant exists. */
  isKnown(name: string): boolean {
    return this.#known.get(name) !== undefined
  }

  /** Call when a tenant has been deleted. */
  forget(name: string): void {
    this.#known.delete(name)
  }

  /** Sends a message to the tenant, which begins if the message has a write that is accepted. */
  async ask(message: CallMessage): Promise<readonly string[]> {
    const { tenant } = message.caller
    if (this.isKnown(tenant) || (await this.exists(tenant))) {
      const answers = await this.#askPresent({ ...message, mayBegin: false })
      if (answers !== undefined) return answers
      // Another isolate may have deleted the tenant.
      this.forget(tenant)
    }
    // All tenants that do not exist share the room of one, in turns.
    return this.#beginning.run(message.caller.tenant, () => this.#askAbsent(message))
  }

  /**
   * Sends the message to the vacant object, and begins the tenant if that would accept a write. It rests between these steps:
   * workerd runs all of them before it asks the system for the requests of others.
   */
  async #askAbsent(message: CallMessage): Promise<readonly string[]> {
    const { tenant } = message.caller
    const { TENANTS } = this.#env
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const isPresent = this.isKnown(tenant) || (await this.exists(tenant))
      const answers = isPresent
        ? await this.#askPresent({ ...message, mayBegin: false })
        : await askTenant(TENANTS.getByName(vacantName), { ...message, mayBegin: false })
      if (answers !== undefined) return answers
      this.forget(tenant)
      await this.#rest()
      // Registered first: after a crash between the two steps, the name has an empty tenant.
      if (!(await this.#registry.add(tenant))) throw beingDeleted(tenant)
      await this.#rest()
      const begun = await this.#use(tenant, (object) => askTenant(object, message))
      // A deletion that ran in between has removed the name.
      if (begun !== undefined && (await this.#registry.add(tenant))) {
        this.#began(tenant)
        return begun
      }
    }
    throw beingDeleted(tenant)
  }

  /** A deletion, or a failed commit, ends the object together with the calls that it is answering. */
  async #askPresent(message: CallMessage): Promise<readonly string[] | undefined> {
    const { tenant } = message.caller
    const ask = (object: TenantStub): Promise<readonly string[] | undefined> => askTenant(object, message)
    try {
      return await this.#useOnce(tenant, ask)
    } catch (error) {
      if (hasRested(error)) return this.#use(tenant, ask)
      if (mayReadAgain(message, error)) return this.#askAgain(tenant, ask)
      if ((await this.#registry.find(tenant)) === 'present') throw error
      this.forget(tenant)
      throw beingDeleted(tenant)
    }
  }

  /** Asks once more, and while the disk is full a few times: several commits of the object may fail in a row then. */
  async #askAgain<Result>(tenant: string, ask: (object: TenantStub) => Promise<Result>): Promise<Result> {
    const space = storageSpaceOf(this.#env)
    let fault: unknown
    for (const waitMs of askAgainMs) {
      if (waitMs > 0 && space?.isFull !== true) break
      await new Promise((resolve) => setTimeout(resolve, waitMs))
      // The object must know when it starts that the disk is full.
      await space?.refresh()
      try {
        return await this.#use(tenant, ask)
      } catch (error) {
        if (isOverloaded(error)) throw error
        fault = error
      }
    }
    throw fault
  }

  /** Returns what a key proves; see `AnswersCalls.authenticate`. The vacant object knows no key. */
  async authenticate(
    tenant: string,
    hash: string,
    options: Parameters<TenantStub['authenticate']>[1] = {},
  ): Promise<string> {
    if (!(await this.#isPresent(tenant))) return this.#env.TENANTS.getByName(vacantName).authenticate(hash)
    const ask = (object: TenantStub): Promise<string> => object.authenticate(hash, options)
    try {
      return await this.#use(tenant, ask)
    } catch (error) {
      if (isOverloaded(error)) throw error
      return this.#askAgain(tenant, ask)
    }
  }

  /** Sends a command of a service to a tenant that exists; undefined for any other. */
  async serve(tenant: string, command: SentCommand): Promise<CommandOutcome | undefined> {
    if (!(await this.#isPresent(tenant))) return undefined
    return JSON.parse(await this.#use(tenant, (object) => object.serve(command))) as CommandOutcome // made by the tenant's object
  }

  /** Adds an entry to the tenant's audit log; a tenant that does not exist has none. */
  async audit(tenant: string, entry: AuditEntry): Promise<void> {
    if (await this.#isPresent(tenant)) await this.#use(tenant, (object) => object.audit(entry))
  }

  /** Opens a session in a tenant. Returns false if the session would prove nothing there. */
  async openSession(tenant: string, session: Session): Promise<boolean> {
    return (await this.#isPresent(tenant)) && this.#use(tenant, (object) => object.openSession(session))
  }

  /** Ends a session in a tenant, with all that it has opened there. */
  async endSession(tenant: string, id: string): Promise<void> {
    if (await this.#isPresent(tenant)) await this.#use(tenant, (object) => object.endSession(id))
  }

  /** A tenant that is being deleted counts as one that does not exist. */
  async #isPresent(tenant: string): Promise<boolean> {
    try {
      return this.isKnown(tenant) || (await this.exists(tenant))
    } catch (error) {
      if (error instanceof ObjectError) return false
      throw error
    }
  }

  /** See `AnswersCalls.issueTicket`; the tenant exists, since a key of it was found. */
  issueTicket(tenant: string, key: string): Promise<string> {
    return this.#use(tenant, (object) => object.issueTicket(key))
  }

  /** See `AnswersCalls.takeTicket`. */
  async takeTicket(tenant: string, hash: string): Promise<string> {
    return (await this.#isPresent(tenant)) ? this.#use(tenant, (object) => object.takeTicket(hash)) : ''
  }

  /** Sends a request to the tenant's authorization server; undefined if the tenant has no data. */
  async authorize(tenant: string, request: AuthorizationRequest): Promise<AuthorizationAnswer | undefined> {
    if (!this.isKnown(tenant) && !(await this.exists(tenant))) return undefined
    const text = await this.#use(tenant, (object) => object.authorize(request))
    return text === '' ? undefined : (JSON.parse(text) as AuthorizationAnswer) // made by the tenant's object
  }

  /** Asks a tenant that exists for live events. */
  listen(name: string, request: Request): Promise<Response> {
    return this.#use(name, (object) => object.fetch(request))
  }

  /** How any tenant without events answers a request for live events: with its greeting, or a refusal. */
  async greet(request: Request): Promise<Greeting> {
    const answer = await this.#env.TENANTS.getByName(vacantName).fetch(request)
    if (answer.status >= 400) return { refusal: await answer.json<ObjectErrorData>() }
    const { body, webSocket } = answer
    if (webSocket === null) return { text: await firstChunk(body) }
    webSocket.accept()
    const text = await new Promise<string>((resolve) => {
      webSocket.addEventListener('message', ({ data }) => resolve(String(data)), { once: true })
      webSocket.addEventListener('close', () => resolve(''), { once: true })
    })
    webSocket.close(1000)
    return { text }
  }

  /** How many callbacks wait for a tenant to begin. */
  get waiting(): number {
    return [...this.#waiting.values()].reduce((sum, { size }) => sum + size, 0)
  }

  /** Calls back once this isolate sees the tenant begin. Returns a function that ends the wait. */
  whenBegun(name: string, callback: () => void): () => void {
    const waiting = this.#waiting.get(name) ?? new Set()
    this.#waiting.set(name, waiting.add(callback))
    return () => {
      waiting.delete(callback)
      if (waiting.size === 0 && this.#waiting.get(name) === waiting) this.#waiting.delete(name)
    }
  }

  #began(name: string): void {
    this.#known.set(name, true, 1)
    const waiting = this.#waiting.get(name)
    this.#waiting.delete(name)
    for (const callback of waiting ?? []) callback()
  }

  get #registry(): RegistryStub {
    return registryOf(this.#env)
  }

  /** Whether the lake or the tenant's object has data. Where files can be seen, an object without a file is not called. */
  async #hasData(name: string): Promise<boolean> {
    const { OBJECTS_DISK, TENANTS } = this.#env
    // Its object may have lost its database, and says so.
    if ((await objectStoreOf(this.#env)?.head(manifestKey(name))) !== undefined) return true
    if (OBJECTS_DISK !== undefined) {
      const file = `http://objects/${tenantsKey}/${TENANTS.idFromName(name).toString()}.sqlite`
      const { status } = await OBJECTS_DISK.fetch(file, { method: 'HEAD' })
      if (status === 404) return false
    }
    return (await this.#use(name, (object) => object.identify())) === name
  }

  /** Repeats the call if its object has ended meanwhile, since it was idle. */
  async #use<Result>(name: string, call: (object: TenantStub) => Promise<Result>): Promise<Result> {
    try {
      return await this.#useOnce(name, call)
    } catch (error) {
      if (!hasRested(error)) throw error
      return this.#useOnce(name, call)
    }
  }

  #useOnce<Result>(name: string, call: (object: TenantStub) => Promise<Result>): Promise<Result> {
    const run = (): Promise<Result> => call(this.#env.TENANTS.getByName(name))
    return openObjectsOf(this.#env)?.use(name, run) ?? run()
  }
}

function restBriefly(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

async function firstChunk(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const reader = body?.getReader()
  const { value } = (await reader?.read()) ?? {}
  await reader?.cancel()
  return new TextDecoder().decode(value)
}

/** Reads that were cut off can be asked again. An object with too much to do would only get more of it. */
function mayReadAgain({ calls, program }: CallMessage, error: unknown): boolean {
  return (
    program === undefined && calls.every(({ kind }) => kind === 'read' || kind === 'pipeline') && !isOverloaded(error)
  )
}

/** The registry of the server. */
export function registryOf({ REGISTRY }: Pick<Env, 'REGISTRY'>): RegistryStub {
  return REGISTRY.getByName('registry')
}

/** Directories by environment of an isolate. */
const directories = new WeakMap<Env, TenantDirectory>()

export function tenantsOf(env: Env): TenantDirectory {
  const known = directories.get(env)
  if (known !== undefined) return known
  const directory = new TenantDirectory(env)
  directories.set(env, directory)
  return directory
}

function beingDeleted(name: string): ObjectError {
  const message = `the tenant '${name}' is being deleted; its name can be used again afterwards`
  return new ObjectError({ code: 'conflict', field: 'tenant', message })
}
