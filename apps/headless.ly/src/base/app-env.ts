// The values in Hono's context on the routes of a tenant, which the middleware sets.

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
