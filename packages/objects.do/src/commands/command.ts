// A command: what an operator asks of a tenant's files. It takes as long as there is to read, and its body is a report.

import type { TenantStore } from '@dotdo/do'
import { ObjectError } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import { jsonResponse } from '../openapi/components.ts'
import type { Operation } from '../openapi/operation.ts'

export interface Command extends Operation {
  readonly kind: 'command'
  /** The report. Throws an ObjectError if nothing was ever written to the tenant, or if the server has no object store. */
  readonly run: (store: TenantStore, caller: Caller) => Promise<object>
}

export function defineCommand(definition: {
  readonly name: string
  readonly about: string
  readonly path: string
  readonly reports: string
  readonly run: (store: TenantStore) => Promise<object>
}): Command {
  const { name, about, path, reports, run } = definition
  return {
    kind: 'command',
    name,
    about,
    routes: [{ methods: ['POST'], path }],
    parameters: {},
    listedAs: { tag: 'lake', operationId: name },
    responses: () => ({ 200: jsonResponse(reports, { type: 'object' }) }),
    async run(store, { tenant }) {
      if (store.isReady) return run(store)
      const message = `nothing was ever written to '${tenant}'`
      throw new ObjectError({ code: 'not_found', field: 'tenant', message })
    },
  }
}
