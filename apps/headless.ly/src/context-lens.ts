// The host's first label is a lens: `crm.localhost:8787/~acme` surfaces the CRM's entities in schema and OpenAPI. The
// data behind it is the tenant's, the same under every host.

import { domains } from 'digital-objects'

/** Names of the entities that a host surfaces; undefined for all. */
export function lensOf(host: string): readonly string[] | undefined {
  const label = host.split('.')[0] ?? ''
  return host.includes('.') && Object.hasOwn(domains, label) ? domains[label as keyof typeof domains] : undefined
}

/** The server's own URL, without the lens. */
export function withoutLens(url: { readonly protocol: string; readonly host: string }): string {
  const host = lensOf(url.host) === undefined ? url.host : url.host.slice(url.host.indexOf('.') + 1)
  return `${url.protocol}//${host}`
}
