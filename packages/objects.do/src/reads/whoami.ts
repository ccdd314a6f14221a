// `whoami`: shows who the caller is, and what it may do.

import { isFullAuthority } from 'digital-objects'
import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

export const whoami = defineRead({
  name: 'whoami',
  about: 'Show who calls, with which key, and what that caller may do',
  path: '/whoami',
  listedAs: { tag: 'access', operationId: 'whoami' },
  parameters: {},
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The caller', ref('Whoami')) }),

  parse: () => ({}),

  answer({ recorder }, { caller }) {
    recorder?.log()
    const { who, onBehalfOf, through, nouns, others } = caller.authority
    const body = {
      tenant: caller.tenant,
      actor: who,
      ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
      ...(through === undefined ? {} : { key: through.id }),
      mayDoEverything: isFullAuthority(caller.authority),
      nouns,
      others,
    }
    return { body: JSON.stringify(body), source: 'object' }
  },
})
