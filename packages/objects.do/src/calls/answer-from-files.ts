// Answers a read from the files of a manifest. The same code parses and answers it as in the tenant's object, and the body
// is the same as there at that point of the log.

import { type CallOf, compileAuthority, ObjectError, type ObjectErrorCode } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import { visibleNouns } from '../entities/visible-nouns.ts'
import { FilesNouns } from '../files/files-nouns.ts'
import type { FilesParts, FilesResult } from '../files/files-parts.ts'
import { findRead } from './operations.ts'

export interface FilesAsked {
  readonly caller: Caller
  readonly call: CallOf<'read'>
}

/** Whether files may answer the read: it must read the present, and not require the newest committed state. */
export function mayAnswerFromFiles({ read, parameters }: CallOf<'read'>): boolean {
  const { strong = 'false', asOf } = parameters
  return findRead(read)?.answerFromFiles !== undefined && strong === 'false' && asOf === undefined
}

/**
 * Expects a read that `mayAnswerFromFiles` accepts. Returns undefined if the object has to answer: for a deleted or newer
 * entity, `$regex` and `$text`, and requests that would read too much. Throws an ObjectError if the object would refuse the
 * call as well; any other error means that files are unreadable.
 */
export async function answerFromFiles(parts: FilesParts, asked: FilesAsked): Promise<FilesResult | undefined> {
  const { read, noun, parameters } = asked.call
  if (parameters['asOf'] !== undefined) return undefined
  const nouns = new FilesNouns(parts.manifest, parts.builtIn)
  if (noun !== undefined && nouns.lookup(noun) === undefined) return undefined
  try {
    const { visibility } = compileAuthority(asked.caller.authority, nouns.lookup)
    const visible = visibleNouns(visibility, nouns)
    const result = await findRead(read)?.answerFromFiles?.({ ...parts, ...visible }, asked)
    return nouns.hasUsedStale ? undefined : result
  } catch (error) {
    // The tenant's object may have a newer definition than the files.
    if (error instanceof ObjectError && (nouns.hasUsedStale || definitionCodes.includes(error.code))) return undefined
    throw error
  }
}

/** Errors for an unknown Noun or field, or for one of another type. */
const definitionCodes: readonly ObjectErrorCode[] = [
  'not_found',
  'invalid_filter',
  'invalid_sort',
  'invalid_include',
  'invalid_fields',
  'invalid_aggregate',
]
