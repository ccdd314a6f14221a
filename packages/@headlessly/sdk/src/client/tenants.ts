// The tenants of a server, for its operator.

import { isObject, parseJson } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { sendToServer } from '../wire/http.ts'
import { parseServerSettings, type ServerOptions } from '../wire/settings.ts'

export interface TenantSummary {
  readonly name: string
  /** RFC 3339. */
  readonly createdAt: string
  readonly state: 'present' | 'deleting'
}

export interface TenantPage {
  readonly results: readonly TenantSummary[]
  readonly hasMore: boolean
  readonly cursor: string | null
  /** False while the server still registers tenants of an earlier version. */
  readonly isComplete: boolean
}

/** What a deletion removes, or has removed. The figures are absent if the deletion has begun before. */
export interface TenantDeletion {
  readonly tenant: string
  /** Absent in a dry run. */
  readonly state?: 'deleted' | 'deleting'
  readonly events?: number
  readonly entities?: number
  readonly files?: number
  readonly bytes?: number
}

/** A tenant that was restored from its lake, or as a copy of another one. */
export interface TenantRestore {
  readonly tenant: string
  readonly from: string
  /** The last event that was restored. */
  readonly seq: number
  readonly timestamp: string | null
  readonly events: number
  readonly entities: number
  readonly tables: Readonly<Record<string, { readonly rows: number; readonly isWhole: boolean }>>
  /** The parts that the lake did not have. */
  readonly lost: readonly string[]
}

export interface ServerTenants {
  list(options?: {
    readonly limit?: number
    readonly cursor?: string
    readonly signal?: AbortSignal
  }): Promise<TenantPage>
  /** Deletes the tenant with all its events, entities and files, for ever; `dryRun` only returns what would be removed. */
  delete(name: string, options?: { readonly dryRun?: boolean; readonly signal?: AbortSignal }): Promise<TenantDeletion>
  /** Writes pending changes of a tenant to its files, which a restore needs. `seq` is the last event that is in them. */
  flush(
    name: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<{ readonly tenant: string; readonly seq: number }>
  /** Restores a tenant whose database is lost from its lake, or makes it a copy of the tenant `from`, `at` an earlier time. */
  restore(
    name: string,
    options?: { readonly from?: string; readonly at?: string; readonly signal?: AbortSignal },
  ): Promise<TenantRestore>
}

/** `Tenants({ endpoint })` manages the tenants of one server. */
export function Tenants(options: ServerOptions = {}): ServerTenants {
  const settings = parseServerSettings(options)
  const ask = async (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    signal: AbortSignal | undefined,
  ): Promise<object> => {
    const text = await sendToServer(settings, { method, path, signal })
    const body = parseJson(text, () => unexpected())
    if (!isObject(body)) throw unexpected()
    return body
  }
  return Object.freeze<ServerTenants>({
    list: async ({ limit, cursor, signal } = {}) => {
      const query = new URLSearchParams({
        ...(limit === undefined ? {} : { limit: String(limit) }),
        ...(cursor === undefined ? {} : { cursor }),
      })
      return (await ask('GET', `tenants?${query.toString()}`, signal)) as TenantPage // the server's contract
    },
    delete: async (name, { dryRun = false, signal } = {}) => {
      const query = new URLSearchParams(dryRun ? { dryRun: 'true' } : { confirm: name })
      const path = `tenants/${encodeURIComponent(name)}?${query.toString()}`
      return (await ask('DELETE', path, signal)) as TenantDeletion // the server's contract
    },
    flush: async (name, { signal } = {}) =>
      (await ask('POST', `tenants/${encodeURIComponent(name)}/flush`, signal)) as {
        readonly tenant: string
        readonly seq: number
      }, // the server's contract
    restore: async (name, { from, at, signal } = {}) => {
      const query = new URLSearchParams({
        ...(from === undefined ? {} : { from }),
        ...(at === undefined ? {} : { at }),
      })
      const path = `tenants/${encodeURIComponent(name)}/restore?${query.toString()}`
      return (await ask('POST', path, signal)) as TenantRestore // the server's contract
    },
  })
}

function unexpected(): HeadlesslyError {
  return new HeadlesslyError({ code: 'unexpected_answer', message: 'tenants expected an object as JSON' })
}
