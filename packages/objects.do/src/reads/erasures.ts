// `erasures`: lists the erasures of persons, newest first.

import { toErasure } from '../answers/erasure-text.ts'
import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

const listedMax = 1_000

export const erasures = defineRead({
  name: 'erasures',
  about: 'List the erasures of persons, newest first, at most 1,000',
  path: '/erasures',
  listedAs: { tag: 'access', operationId: 'erasures.list' },
  parameters: {},
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The erasures', ref('ErasureList')) }),

  parse: () => null,

  answer({ store, recorder }, { caller }) {
    requireFullAuthority(caller, 'an erasure')
    recorder?.log()
    const results = store.isReady ? store.erasures.list(listedMax).map(toErasure) : []
    return { body: JSON.stringify({ results }), source: 'object' }
  },
})
