// Which of some entities a caller sees, and a filter matches: for services that find entities in another way than a list does.

import { type ReadRun, type TenantStore } from '@dotdo/do'
import { compileAuthority, type Filter, parseFilterText } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import { findNoun } from '../entities/find-noun.ts'
import { readerAt } from '../entities/reader.ts'
import { visibleNouns } from '../entities/visible-nouns.ts'

export interface AmongIds {
  readonly noun: string
  /** At most as many as a filter may list. */
  readonly ids: readonly string[]
  /** The text of a filter, as lists take it. */
  readonly filter: string | undefined
}

/** Throws an ObjectError for an unknown Noun or a wrong filter. */
export function matchingIds(
  { store, run }: { readonly store: TenantStore; readonly run: ReadRun },
  { authority, context, tenant }: Caller,
  { noun: name, ids, filter: text }: AmongIds,
): readonly string[] {
  const { current } = store.catalog
  const { visibility } = compileAuthority(authority, current.lookup)
  const { lookup, ...nouns } = visibleNouns(visibility, current)
  const noun = findNoun(lookup, { noun: name })
  const parse = (of: string): Filter => parseFilterText(of, { schema: noun, lookup })
  const wanted = text === undefined ? [] : [parse(text)]
  if (ids.length === 0) return []
  const filter: Filter = { kind: 'and', of: [...wanted, parse(JSON.stringify({ $id: { $in: ids } }))] }
  const reader = readerAt({ store, context, run, ...nouns }, undefined)
  const shape = { includes: [], fields: undefined }
  const request = { noun, filter, limit: ids.length, isCounted: false, shape } as const
  const list = { ...request, sort: undefined, cursor: undefined, asOfMs: undefined }
  return reader.page(list, tenant, Number.POSITIVE_INFINITY).versions.map(({ id }) => id)
}
