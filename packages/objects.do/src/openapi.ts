import type { NounSchema } from 'digital-objects'
export function nounsToOpenApi(_o: { readonly nouns: readonly NounSchema[]; readonly tenantUrl: string }): unknown {
  return {}
}
