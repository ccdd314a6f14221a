// The URL of a tenant's route, read strictly.

import { parseParameters } from 'digital-objects'
import type { Env } from './env.ts'
import { localTarget } from './local-only.ts'
import type { TenantTarget } from './visit.ts'

/** Returns undefined for the path of no tenant. Throws an ObjectError that names the part of the URL. */
export function tenantTarget(url: string, env: Pick<Env, 'ALLOWED_HOSTS'>): TenantTarget | undefined {
  const target = localTarget(url, env)
  const [slug = '', ...below] = target.segments
  return slug.startsWith('~') ? { ...target, below, parameters: parseParameters(target.search) } : undefined
}
