// Parses a path of the Iceberg REST catalog: `/iceberg/acme/v1/namespaces/headlessly/tables` lists the tables.

import { decodeUri } from './signature-v4.ts'

export interface TableName {
  readonly namespace: string
  readonly table: string
}

export type CatalogRoute =
  | { readonly kind: 'config' }
  | { readonly kind: 'token' }
  | { readonly kind: 'namespaces' }
  | { readonly kind: 'namespace'; readonly namespace: string }
  | { readonly kind: 'tables'; readonly namespace: string }
  | ({ readonly kind: 'table' } & TableName)
  | { readonly kind: 'unknown' }

export function parseCatalogRoute(pathname: string): { readonly tenant: string; readonly route: CatalogRoute } {
  const segments = (pathname.endsWith('/') ? pathname.slice(0, -1) : pathname).split('/').map(decodeUri)
  const [, , tenant = '', version, ...rest] = segments
  return { tenant, route: version === 'v1' ? resolve(rest) : { kind: 'unknown' } }
}

function resolve(segments: readonly string[]): CatalogRoute {
  const [first, namespace, tables, table] = segments
  const unknown = { kind: 'unknown' } as const
  if (first === 'config') return segments.length === 1 ? { kind: 'config' } : unknown
  if (first === 'oauth') return segments.length === 2 && namespace === 'tokens' ? { kind: 'token' } : unknown
  if (first !== 'namespaces' || segments.length > 4) return unknown
  if (namespace === undefined) return { kind: 'namespaces' }
  if (tables === undefined) return { kind: 'namespace', namespace }
  if (tables !== 'tables') return unknown
  return table === undefined ? { kind: 'tables', namespace } : { kind: 'table', namespace, table }
}
