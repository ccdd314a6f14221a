// `/mcp` without a tenant's name: the tenant of a server that has one.

import { ObjectError } from 'digital-objects'
import type { Env } from '../base/env.ts'
import type { Fetch } from '../base/fetch.ts'
import { localTarget } from '../base/local-only.ts'
import { requireOperator } from '../identity/operator.ts'
import { registryOf } from '../tenants/tenant-directory.ts'

/** Throws an ObjectError that says where the tenants' own interfaces are, to a caller who may know their names. */
export function onlyTenantMcp(tenants: Fetch<Env>): Fetch<Env> {
  return async (request, env, context) => {
    const { origin } = localTarget(request.url, env)
    const name = await onlyTenant(request, env)
    return tenants(new Request(`${origin}/~${name}/mcp`, request), env, context)
  }
}

async function onlyTenant(request: Request, env: Env): Promise<string> {
  try {
    await requireOperator(request, env)
  } catch (error) {
    throw error instanceof ObjectError ? elsewhere([]) : error
  }
  const { tenants } = await registryOf(env).list({ after: '', limit: 10 })
  const [first, ...others] = tenants.map((tenant) => tenant.name)
  if (first === undefined || others.length > 0) throw elsewhere([first, ...others])
  return first
}

function elsewhere(names: readonly (string | undefined)[]): ObjectError {
  const known = names.flatMap((name) => (name === undefined ? [] : [`/~${name}/mcp`]))
  const message = `the interface for agents is at the tenant's address: ${known.length === 0 ? '/~{tenant}/mcp' : known.join(', ')}`
  return new ObjectError({ code: 'not_found', field: 'path', message })
}
