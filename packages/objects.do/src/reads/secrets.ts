// `secrets`: lists the secrets of the tenant, without their values.

import type { SecretInfo } from '@dotdo/do'
import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

export const secrets = defineRead({
  name: 'secrets',
  about: 'List the secrets of the tenant, without their values',
  path: '/secrets',
  listedAs: { tag: 'access', operationId: 'secrets.list' },
  parameters: {},
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('The secrets', ref('SecretList')) }),

  parse: () => null,

  answer({ store, recorder }, { caller }) {
    requireFullAuthority(caller, 'a secret')
    recorder?.log()
    const results = store.isReady ? store.secrets.list().map(toAnswer) : []
    return { body: JSON.stringify({ results }), source: 'object' }
  },
})

export function toAnswer({ setAtMs, ...secret }: SecretInfo): object {
  return { ...secret, setAt: new Date(setAtMs).toISOString() }
}
