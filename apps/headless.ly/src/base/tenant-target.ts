// The URL of a tenant's route, read strictly.

import { parseParameters } from 'digital-objects'
import { findContext } from '../contexts/contexts.ts'
import { lensOf } from '../contexts/lens-of.ts'
import type { Env } from './env.ts'
import { localTarget } from './local-only.ts'
import type { TenantTarget } from './visit.ts'

/** Returns undefined for the path of no tenant. Throws an ObjectError that names the part of the URL. */
export function tenantTarget(url: string, env: Pick<Env, 'ALLOWED_HOSTS'>): TenantTarget | undefined {
  const target = localTarget(url, env)
  const [first = '', second] = target.segments
  const isBelowContext = !first.startsWith('~') && second?.startsWith('~') === true && findContext(first) !== undefined
  const segments = isBelowContext ? target.segments.slice(1) : target.segments
  const [slug = '', ...below] = segments
  if (!slug.startsWith('~')) return undefined
  const lens = lensOf(target, isBelowContext ? first : undefined)
  return {
    ...target,
    segments,
    below,
    parameters: parseParameters(target.search),
    ...(lens === undefined ? {} : { lens }),
  }
}
