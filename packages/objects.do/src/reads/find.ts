// `find`: lists the entities of a Noun that match a filter, page by page.

import { cutPage, pageCharactersMax } from '@dotdo/do'
import { defaultSort, parseCursor } from 'digital-objects'
import { pageBody } from '../entities/read-body.ts'
import { hasTotal, totalOfWhole } from '../entities/page-total.ts'
import { listIdentity, pageLimits, parseFind } from '../entities/read-request.ts'
import { readerAt } from '../entities/reader.ts'
import { openSnapshot } from '../files/files-parts.ts'
import { isForObject } from '../files/is-for-object.ts'
import { loadRelated } from '../files/related-in-files.ts'
import { jsonResponse, refNoun } from '../openapi/components.ts'
import { asOf, count, cursor, fields, filter, include, limit, readHeaders, sort } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

export const find = defineRead({
  name: 'find',
  about: 'List {Noun} entities',
  path: '/{Noun}',
  parameters: { filter, sort, limit, cursor, include, fields, asOf, count },
  headers: readHeaders,
  takesFields: true,
  responses: ({ noun }) => ({ 200: jsonResponse('One page', refNoun(noun, 'Page')) }),

  parse: (call, lookup, names) => parseFind(call, lookup, { names, limits: pageLimits }),

  answer(parts, { request, caller }) {
    const { noun, shape } = request
    const { lookup } = parts
    const reader = readerAt({ ...parts, context: caller.context }, request.asOfMs)
    const page = reader.find(request, caller.tenant)
    return { body: pageBody({ reader, lookup, noun, shape }, page), source: reader.source }
  },

  async answerFromFiles(parts, { request, caller }) {
    const { noun, filter, shape, limit, cursor, sort = defaultSort } = request
    if (isForObject(filter)) return undefined
    // The object accepts any cursor for a Noun that was never written.
    if (cursor !== undefined && !Object.hasOwn(parts.manifest.nouns, noun.name)) return undefined
    const { tenant, context } = caller
    const list = listIdentity(request, { tenant, visibility: parts.visibility })
    const after = cursor === undefined ? undefined : parseCursor(cursor, list)
    const snapshot = openSnapshot(parts)
    const found = await snapshot.find(noun, {
      filter,
      sort,
      limit: limit + 1,
      charactersMax: pageCharactersMax,
      isCounted: hasTotal(request, parts.visibility),
      ...(after === undefined ? {} : { after }),
    })
    if (found === undefined) return undefined
    const page = cutPage(found.rows, { limit, sort, list })
    const { lookup } = parts
    const reader = await loadRelated({ snapshot, lookup, noun, shape, versions: page.versions, context })
    if (reader === undefined) return undefined
    return {
      body: pageBody({ reader, lookup, noun, shape }, { ...page, total: totalOfWhole(request, page) ?? found.count }),
    }
  },
})
