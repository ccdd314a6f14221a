// `get`: reads one entity, in the present or at a past time.

import { mergedInto, withContext } from '@dotdo/do'
import type { ObjectError } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import { notFound } from '../entities/find-noun.ts'
import { entityBody } from '../entities/read-body.ts'
import { type GetRequest, parseGet } from '../entities/read-request.ts'
import { readerAt } from '../entities/reader.ts'
import { openSnapshot } from '../files/files-parts.ts'
import { loadRelated } from '../files/related-in-files.ts'
import { entityReadResponse, notChanged } from '../openapi/components.ts'
import { readSchema } from '../openapi/noun-schemas.ts'
import { asOf, entityReadHeaders, fields, include } from '../openapi/parameters.ts'
import { defineRead, type ReadParts, type ReadResult } from './read.ts'

export const get = defineRead({
  name: 'get',
  about: 'Read one {Noun}',
  path: '/{Noun}/{id}',
  parameters: { include, fields, asOf },
  headers: entityReadHeaders,
  responses: ({ noun }) => ({ 200: entityReadResponse(noun, readSchema(noun)), 304: notChanged }),

  parse: parseGet,

  answer(parts, { request, caller }) {
    const { noun, id, shape } = request
    const { lookup, visibility } = parts
    const isWhole = visibility.rows(noun.name) === undefined && !visibility.hidesFields(noun.name)
    if (request.isPlain && isWhole) return getPlain(parts, request, caller)
    const reader = readerAt({ ...parts, context: caller.context }, request.asOfMs)
    const version = reader.get(noun, id)
    if (version === undefined) throw missing(parts, request, caller)
    const body = entityBody({ reader, lookup, noun, shape }, version)
    return { body, source: reader.source, ...(request.isPlain ? { version: version.version } : {}) }
  },

  async answerFromFiles(parts, { request, caller }) {
    const { noun, id, isPlain, shape } = request
    const { lookup } = parts
    const snapshot = openSnapshot(parts)
    const version = await snapshot.get(noun, id)
    if (version === undefined) return undefined
    const { context } = caller
    const reader = await loadRelated({ snapshot, lookup, noun, shape, versions: [version], context })
    if (reader === undefined) return undefined
    const body = entityBody({ reader, lookup, noun, shape }, version)
    return isPlain ? { body, version: version.version } : { body }
  },
})

/** The error names the entity into which a deleted one was merged, if the caller may see both. */
function missing(parts: ReadParts, { noun, id, asOfMs }: GetRequest, { context }: Caller): ObjectError {
  const { store, visibility, wholeLookup } = parts
  const whole = wholeLookup(noun.name)
  const into = asOfMs === undefined && whole !== undefined ? mergedInto(store, whole, id) : undefined
  if (into === undefined || whole === undefined) return notFound(noun, id)
  const deletedSeq = store.state.getDeleted(store.state.tableOf(whole), id)?.deletedSeq ?? 0
  const isSeen =
    readerAt({ ...parts, context }, undefined).get(noun, into) !== undefined &&
    store
      .eventVisibility(visibility)
      .isVisible({ seq: deletedSeq, commit: deletedSeq, type: `${noun.name}.Deleted`, target: id })
  return notFound(noun, id, isSeen ? into : undefined)
}

/** Answers with the entity's JSON from the log. */
function getPlain(parts: ReadParts, request: GetRequest, caller: Caller): ReadResult {
  const { store, recorder } = parts
  const { noun, id } = request
  const table = store.state.table(noun.name)
  const found = table === undefined ? undefined : store.presentText(table, id)
  recorder?.entity(noun.name, { id, version: found?.version })
  if (found === undefined) throw missing(parts, request, caller)
  const body = withContext({ type: `${noun.name}.`, data: found.text }, caller.context)
  return { body, source: 'object', version: found.version }
}
