// What the platform gives the Worker: its bindings, by the names in `wrangler.jsonc` and in the embedded server's
// configuration.

import type { Fetching } from '@dotdo/db'
import type { DigitalObjectCalls } from 'objects.do'
import type { CodeLoader } from 'functions.do'

/** A tenant's object, as the front door reaches it. */
export interface TenantStub extends DigitalObjectCalls {
  fetch(request: Request): Promise<Response>
}

export interface Env {
  readonly TENANTS: { getByName(name: string): TenantStub }
  /** On Cloudflare, where the lake's files are. */
  readonly LAKE?: R2Bucket
  /** In the embedded server, the folder of the lake's files. */
  readonly LAKE_DISK?: Fetching
  /** And the launcher, which makes them durable. */
  readonly LAKE_SYNC?: Fetching
  /** What runs the code of `do`. */
  readonly LOADER?: CodeLoader
  /** Names the deployment, on Cloudflare. */
  readonly VERSION?: { readonly id: string }
  /** What the keys to the lake are made from. */
  readonly LAKE_SECRET?: string
  /** How tenants are flushed, where that differs from the default: `{"intervalMs":1000}`. */
  readonly FLUSH_SETTINGS?: string
  /** Where the public reaches this server, the base of `$context`; by default where the request came to. */
  readonly PUBLIC_URL?: string
  /** Host names beside those of this machine, separated by commas. */
  readonly ALLOWED_HOSTS?: string
}
