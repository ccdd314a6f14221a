// The ids of the entities that a filter chooses for a write of many, in order of their ids.

import type { ReadRun, TenantStore } from '@dotdo/do'
import { compileAuthority, type Filter, type JsonValue, type NounSchema, parseFilter, parseSort } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import { findNoun } from '../entities/find-noun.ts'
import { Reader } from '../entities/reader.ts'
import type { ReadRecorder } from '../entities/recorded-reads.ts'
import type { FindRequest } from '../entities/read-request.ts'

export interface ChoiceBy {
  readonly noun: string
  readonly filter: JsonValue
  readonly caller: Caller
}

export interface ChosenFrom {
  readonly store: TenantStore
  readonly run?: ReadRun
  readonly recorder?: ReadRecorder
}

/** Chooses at most `limit` entities after an id. Throws an ObjectError; or Unfinished, for work after which it is called again. */
export function idsByFilter(
  { noun: name, filter: given, caller }: ChoiceBy,
  { store, ...from }: ChosenFrom,
  { after, limit }: { readonly after?: string; readonly limit: number },
): { readonly ids: readonly string[]; readonly hasMore: boolean } {
  const conditions = after === undefined || after === '' ? given : { $and: [given, { $id: { $gt: after } }] }
  const { noun, filter, reader } = open({ noun: name, filter: conditions, caller }, { store, ...from })
  const request: FindRequest = {
    noun,
    filter,
    sort: parseSort('$id', noun),
    limit,
    cursor: undefined,
    isCounted: false,
    asOfMs: undefined,
    shape: { includes: [], fields: undefined },
  }
  const { versions, hasMore } = reader.page(request, caller.tenant)
  return { ids: versions.map(({ id }) => id), hasMore }
}

/** Counts the entities that a filter chooses; 0 if that cannot be told without examining too many. */
export function countByFilter(choice: ChoiceBy, from: ChosenFrom): number {
  const { noun, filter, reader } = open(choice, from)
  return reader.count(noun, filter) ?? 0
}

function open(
  { noun: name, filter, caller }: ChoiceBy,
  from: ChosenFrom,
): { readonly noun: NounSchema; readonly filter: Filter; readonly reader: Reader } {
  const { lookup: wholeLookup } = from.store.catalog.current
  const { visibility } = compileAuthority(caller.authority, wholeLookup)
  const noun = findNoun(visibility.lookup, { noun: name })
  return {
    noun,
    filter: parseFilter(filter, { schema: noun, lookup: visibility.lookup }),
    reader: new Reader({ context: caller.context, visibility, wholeLookup, ...from }),
  }
}
