// The feature flags of a tenant.

import { type Entity, type Filter, type NounSchema, parseFilter } from 'digital-objects'
import { nounsWithRole, type ProductParts, productReader } from './product-parts.ts'

export interface FoundFlag {
  readonly noun: NounSchema
  readonly flag: Entity
}

/** Limits the flags of one answer. */
const flagsMax = 1_000

/** The newest first. */
export function flagsOf(parts: ProductParts): readonly FoundFlag[] {
  return nounsWithRole(parts, 'flag').flatMap((noun) =>
    list(parts, { noun, filter: { kind: 'and', of: [] }, limit: flagsMax }),
  )
}

export function flagWithKey(parts: ProductParts, key: string): FoundFlag | undefined {
  for (const noun of nounsWithRole(parts, 'flag')) {
    const filter = parseFilter({ key }, { schema: noun, lookup: parts.lookup })
    const [found] = list(parts, { noun, filter, limit: 1 })
    if (found !== undefined) return found
  }
  return undefined
}

function list(
  parts: ProductParts,
  of: { readonly noun: NounSchema; readonly filter: Filter; readonly limit: number },
): readonly FoundFlag[] {
  const { noun } = of
  const shape = { includes: [], fields: undefined }
  const request = { ...of, sort: undefined, cursor: undefined, isCounted: false, asOfMs: undefined, shape }
  const reader = productReader(parts)
  return reader.page(request, parts.tenant).versions.map((version) => ({ noun, flag: reader.toEntity(noun, version) }))
}
