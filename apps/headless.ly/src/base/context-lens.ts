// The host's first label is a lens: `crm.localhost:8787/~acme` surfaces the CRM's entities in schema and OpenAPI. The
// tenant's data is the same under every host.

import { nounsOfDomain } from 'digital-objects'

/** Names of the entities that a host surfaces; undefined for all. */
export function lensOf(host: string): readonly string[] | undefined {
  const dot = host.indexOf('.')
  const label = host.slice(0, Math.max(dot, 0))
  return dot > 0 ? nounsOfDomain(label) : undefined
}

/** The server's own URL, without the lens. */
export function withoutLens(target: { readonly origin: string; readonly host: string }): string {
  if (lensOf(target.host) === undefined) return target.origin
  return target.origin.replace(target.host, target.host.slice(target.host.indexOf('.') + 1))
}
