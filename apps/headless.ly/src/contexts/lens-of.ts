// The lens of a request: `crm.localhost:8787/~acme` and `localhost:8787/crm/~acme` list the entity types of the CRM, and
// `crm.localhost:8787/healthcare/~acme` those with the records of health care. The tenant's data is the same under every URL.

import { composeContexts, type Lens } from './compose-contexts.ts'
import { findContext } from './contexts.ts'
import type { Context } from './context.ts'

interface Place {
  readonly origin: string
  /** `crm.localhost:8787` */
  readonly host: string
}

/** The host's first label and the path's first segment compose. Returns undefined if neither is the label of a context. */
export function lensOf({ host }: Pick<Place, 'host'>, segment?: string): Lens | undefined {
  const inPath = segment === undefined ? undefined : findContext(segment)
  const inHost = contextOfHost(host)
  if (inHost === undefined && inPath === undefined) return undefined
  return composeContexts([inHost, inPath].filter((context) => context !== undefined))
}

/** The server's own URL, without the lens. */
export function withoutLens({ origin, host }: Place): string {
  return contextOfHost(host) === undefined ? origin : origin.replace(host, host.slice(host.indexOf('.') + 1))
}

function contextOfHost(host: string): Context | undefined {
  const dot = host.indexOf('.')
  return dot > 0 ? findContext(host.slice(0, dot)) : undefined
}
