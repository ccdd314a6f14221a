// What Hono's context holds on the routes of a tenant, put there by the middleware.

import type { Parameters } from 'digital-objects'
import type { Caller } from 'objects.do'
import type { Env } from './env.ts'
import type { Target } from './target.ts'

export interface TenantTarget extends Target {
  /** Path segments below the tenant. */
  readonly below: readonly string[]
  readonly parameters: Parameters
}

export interface AppEnv {
  readonly Bindings: Env
  readonly Variables: {
    readonly target: TenantTarget
    readonly caller: Caller
  }
}
