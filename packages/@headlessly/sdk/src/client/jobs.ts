// `$.jobs`: writes of many entities that the server performs in several commits, such as imports.

import type { CallOptions } from '../calls/call-options.ts'
import type { ServerJob } from '../calls/server-job.ts'
import type { Session } from '../calls/session.ts'
import { checked } from './approvals.ts'

export interface ListedJob extends ServerJob {
  readonly kind: string
  readonly noun: string | null
  readonly createdAt: string
  readonly finishedAt: string | null
}

export interface Jobs {
  /** The newest 100 that the caller may see, newest first. Finished ones are kept for 7 days. */
  list(options?: CallOptions): Promise<readonly ListedJob[]>
  get(id: string, options?: CallOptions): Promise<ListedJob>
}

export function makeJobs(session: () => Session): Jobs {
  return Object.freeze<Jobs>({
    list: async ({ signal } = {}) => {
      const { body } = await session().send({ kind: 'read', read: 'jobs', parameters: {} }, signal)
      return (checked(body, 'results') as { readonly results: readonly ListedJob[] }).results
    },
    get: async (id, { signal } = {}) => {
      const call = { kind: 'read', read: 'job', id, parameters: { strong: 'true' } } as const
      return checked((await session().send(call, signal)).body, 'state') as ListedJob
    },
  })
}
