// A visit is a request to a tenant, as the front door has read it.

import type { Parameters } from 'digital-objects'
import type { Caller } from 'objects.do'
import type { Lens } from '../contexts/compose-contexts.ts'
import type { Env } from './env.ts'
import type { Target } from './target.ts'

export interface TenantTarget extends Target {
  /** Path segments below the tenant. */
  readonly below: readonly string[]
  readonly parameters: Parameters
  /** The lens of the host and of the path before the tenant. */
  readonly lens?: Lens
}

export interface Visit {
  readonly request: Request
  readonly env: Env
  readonly target: TenantTarget
  readonly caller: Caller
  /**
   * Establishes the caller again, for a later part of the visit. Throws or rejects if its key is not valid any more. A message of a
   * session stands for itself as `counted`, which ends with its answer.
   */
  readonly renewed: (counted?: object) => Caller | Promise<Caller>
  /** Does work for the tenant once there is room. A body comes before, since slow senders do not keep others waiting. */
  readonly inWork: <Result>(work: () => Result | Promise<Result>) => Result | Promise<Result>
  /** Lets work continue after the answer. */
  readonly waitUntil: (work: Promise<unknown>) => void
}

/** HEAD comes as itself, and gets the answer to GET: its body is dropped later. */
export type Handler = (visit: Visit) => Response | Promise<Response>
