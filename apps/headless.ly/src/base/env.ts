// The Worker's environment, typed from the list of its bindings.

import type { Fetching } from '@dotdo/db'
import type { Connect } from '@dotdo/service'
import type { WorkersAi } from 'agents.do'
import type { CodeLoader } from 'functions.do'
import type { DirectoryStub, PasswordHasherStub } from 'oauth.do/directory'
import type { AnswersCalls, ErasableTenant, RegisteredTenant, Registration, TenantPage } from 'objects.do'
import type { Binding, BindingName, bindings } from './bindings.ts'

/** A tenant's object, as the front door reaches it; live events come through `fetch`. */
export interface TenantStub extends AnswersCalls, ErasableTenant {
  fetch(request: Request): Promise<Response>
  /** The tenant's name, or null if it has no data. */
  identify(): Promise<string | null>
  /** Whether nobody may read the tenant or its files yet, since they are from a backup and have values that were erased since. */
  isClosed(): Promise<boolean>
  /** Ends an object that is not in use, which rejects; resolves to false for one that is in use. */
  rest(): Promise<boolean>
}

/** The registry, as the front door reaches it. */
export interface RegistryStub {
  find(name: string): Promise<Registration>
  details(name: string): Promise<RegisteredTenant | null>
  add(name: string): Promise<boolean>
  list(options: { readonly after: string; readonly limit: number }): Promise<TenantPage>
  delete(name: string): Promise<boolean>
}

/** The part of a KV namespace that is used. */
export interface KvNamespace {
  get(key: string, type: 'arrayBuffer'): Promise<ArrayBuffer | null>
  put(key: string, value: ArrayBuffer, options: { readonly expirationTtl: number }): Promise<void>
}

interface TenantNamespace {
  getByName(name: string): TenantStub
  idFromName(name: string): DurableObjectId
  idFromString(id: string): DurableObjectId
  get(id: DurableObjectId): TenantStub
}

/** The value that the platform gives for each kind of binding. */
interface BoundValues extends Record<Binding['kind'], unknown> {
  readonly objects: TenantNamespace
  readonly registry: { getByName(name: string): RegistryStub }
  readonly directory: { getByName(name: string): DirectoryStub }
  readonly hasher: { getByName(name: string): PasswordHasherStub }
  readonly bucket: R2Bucket
  readonly service: Fetching
  readonly assets: Fetching
  readonly kv: KvNamespace
  readonly network: { readonly connect: Connect; fetch(url: string, init: RequestInit): Promise<Response> }
  readonly loader: CodeLoader
  readonly ai: WorkersAi
  readonly version: { readonly id: string }
  readonly setting: string
  readonly secret: string
}

type Required = {
  [Name in BindingName]: (typeof bindings)[Name]['isRequired'] extends true ? Name : never
}[BindingName]
type Bound<Name extends BindingName> = BoundValues[(typeof bindings)[Name]['kind']]

export type Env = { readonly [Name in Required]: Bound<Name> } & {
  readonly [Name in Exclude<BindingName, Required>]?: Bound<Name>
}
