// The account of the person who is signed in in a browser, whose cookie goes with each request.

import { isObject, parseJson } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { sendToServer } from '../wire/http.ts'
import { parseServerSettings, type ServerOptions } from '../wire/settings.ts'

export interface Membership {
  readonly tenant: string
  /** The id of the person's `User` there. */
  readonly user: string
}

export interface AccountReport {
  readonly account: { readonly id: string; readonly name: string; readonly email?: string | null }
  readonly memberships: readonly Membership[]
}

export interface NewTenantOptions {
  /** Makes a new tenant a test tenant, whose clock begins at this time. */
  readonly now?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export interface ServerAccount {
  /** Returns null if nobody is signed in. */
  read(options?: { readonly signal?: AbortSignal | undefined }): Promise<AccountReport | null>
  /** Begins a tenant, or joins it, as its owner. For owners of the server. */
  createTenant(tenant: string, options?: NewTenantOptions): Promise<Membership>
}

export function Account(options: ServerOptions = {}): ServerAccount {
  const settings = parseServerSettings(options)
  return Object.freeze<ServerAccount>({
    read: async ({ signal } = {}) => {
      try {
        const text = await sendToServer(settings, { method: 'GET', path: 'account', signal })
        return parse(text, 'account') as AccountReport // the server's contract
      } catch (error) {
        if (error instanceof HeadlesslyError && error.code === 'unauthorized') return null
        throw error
      }
    },
    createTenant: async (tenant, { now, signal } = {}) => {
      const body = JSON.stringify({ tenant, ...(now === undefined ? {} : { now }) })
      const text = await sendToServer(settings, { method: 'POST', path: 'account/tenants', body, signal })
      return parse(text, 'tenant') as unknown as Membership // the server's contract
    },
  })
}

function parse(text: string, member: string): object {
  const body = parseJson(text, () => unexpected(member))
  if (isObject(body) && member in body) return body
  throw unexpected(member)
}

function unexpected(member: string): HeadlesslyError {
  return new HeadlesslyError({
    code: 'unexpected_answer',
    message: `account expected an object with '${member}' as JSON`,
  })
}
