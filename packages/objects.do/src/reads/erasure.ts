// `erasure`: the certificate of an erasure, with a page of the entities that it has reached.

import { ObjectError } from 'digital-objects'
import { toCertificate } from '../answers/erasure-text.ts'
import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { parseCount } from '../entities/parameters.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

const limitMax = 1_000
const cursorPattern = /^[A-Za-z0-9_]{1,128}$/

export const erasure = defineRead({
  name: 'erasure',
  about: 'Show the certificate of an erasure: what was removed, and a page of its entities',
  path: '/erasures/{id}',
  listedAs: { tag: 'access', operationId: 'erasures.get' },
  parameters: {
    limit: { about: 'Entities per page, 100 by default', schema: { type: 'integer', minimum: 1, maximum: limitMax } },
    cursor: { about: 'The cursor of the previous page', schema: { type: 'string', pattern: cursorPattern.source } },
  },
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The certificate', ref('ErasureCertificate')) }),

  parse: ({ id = '', parameters }) => {
    const { cursor = '' } = parameters
    if (cursor !== '' && !cursorPattern.test(cursor))
      throw new ObjectError({ code: 'invalid_parameter', field: 'cursor', message: 'cursor expects that of a page' })
    const limit = parseCount(parameters, { name: 'limit', fallback: 100, min: 1, max: limitMax, code: 'invalid_limit' })
    return { id, limit, cursor }
  },

  answer({ store, recorder }, { request: { id, limit, cursor: after }, caller }) {
    requireFullAuthority(caller, 'an erasure')
    recorder?.log()
    const found = store.isReady ? store.erasures.find(id) : undefined
    if (found === undefined)
      throw new ObjectError({ code: 'not_found', field: 'id', message: `there is no erasure '${id.slice(0, 64)}'` })
    const some = store.erasures.entities(id, { after, limit: limit + 1 })
    const entities = some.slice(0, limit)
    const cursor = some.length > limit ? (entities.at(-1)?.id ?? null) : null
    return { body: JSON.stringify(toCertificate(found, { entities, cursor })), source: 'object' }
  },
})
