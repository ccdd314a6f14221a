// Answers one read or pipeline from the tenant's store, as its caller sees it.

import type { ReadRun, TenantStore } from '@dotdo/do'
import { type CallOf, compileAuthority, ObjectError } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import type { ReadRecorder } from '../entities/recorded-reads.ts'
import { visibleNouns } from '../entities/visible-nouns.ts'
import { answerPipeline } from '../pipeline/answer-pipeline.ts'
import { partsAt, type ReadParts, type ReadResult } from '../reads/read.ts'
import { findRead, operations } from './operations.ts'

export interface ReadFrom {
  readonly store: TenantStore
  /** Keeps what was read in slices. A read without it, as inside a commit, is refused if it needs slices. */
  readonly run?: ReadRun
  readonly recorder?: ReadRecorder
  /** The services whose routes the OpenAPI document describes; code next to the data, which has no routes, gets a document without. */
  readonly services?: ReadParts['services']
}

/** Runs synchronously. Throws an ObjectError; or Unfinished, for work after which it is called again. */
export function answerRead(call: CallOf<'read' | 'pipeline'>, caller: Caller, from: ReadFrom): ReadResult {
  if (call.kind === 'pipeline') return answerPipeline(partsAt(readParts(caller, from), call), { call, caller })
  const read = findRead(call.read)
  if (read !== undefined) return read.answer(readParts(caller, from), { call, caller })
  throw new ObjectError({
    code: 'not_found',
    field: 'read',
    message: `there is no read '${call.read.slice(0, 64)}'`,
  })
}

/** The tenant with its current Nouns, as the caller sees them. */
function readParts({ authority }: Caller, from: ReadFrom): ReadParts {
  const { current } = from.store.catalog
  const { visibility } = compileAuthority(authority, current.lookup)
  return { services: [], ...from, operations, ...visibleNouns(visibility, current) }
}
