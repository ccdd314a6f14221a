// A command: an operator's request for a tenant's files, answered with a report. It takes as long as it has to read.

import type { TenantStore } from '@dotdo/do'
import { ObjectError, type Parameters } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import { type Json, jsonResponse } from '../openapi/components.ts'
import type { Operation } from '../openapi/operation.ts'

export interface Command extends Operation {
  readonly kind: 'command'
  /** Returns the report. Throws an ObjectError if the tenant was never written to, or the server has no object store. */
  readonly run: (store: TenantStore, caller: Caller, parameters: Parameters) => Promise<object>
}

export function defineCommand(definition: {
  readonly name: string
  readonly about: string
  /** Absent for a command that only the server's own routes call. */
  readonly path: string | undefined
  readonly reports: string
  /** The schema of the report. */
  readonly schema: Json
  readonly run?: (store: TenantStore) => Promise<object>
  /** Returns the report about a tenant whose database is lost; by default that is an error. */
  readonly runLost?: (fault: string) => object
  /** Runs instead of all that, whether the tenant has a database or not. */
  readonly runAny?: Command['run']
}): Command {
  const { name, about, path, reports, schema, run, runLost, runAny } = definition
  return {
    kind: 'command',
    name,
    about,
    routes: path === undefined ? [] : [{ methods: ['POST'], path }],
    parameters: {},
    listedAs: { tag: 'lake', operationId: name },
    responses: () => ({ 200: jsonResponse(reports, schema) }),
    async run(store, caller, parameters) {
      if (runAny !== undefined) return runAny(store, caller, parameters)
      const { tenant } = caller
      if (store.isReady && run !== undefined) return run(store)
      const fault = await store.loss.fault(tenant)
      if (fault !== undefined && runLost !== undefined) return runLost(fault.message)
      if (fault !== undefined) throw fault
      const message = `the tenant '${tenant}' was never written to`
      throw new ObjectError({ code: 'not_found', field: 'tenant', message })
    },
  }
}
