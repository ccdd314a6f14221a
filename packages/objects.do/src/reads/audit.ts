// `audit`: lists the audit log, newest first: sign-ins, refusals, and changes of what callers may do.

import type { AuditSelection, StoredAuditEntry } from '@dotdo/do'
import { type AuditKind, auditKinds, ObjectError, type Parameters } from 'digital-objects'
import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { parseCount } from '../entities/parameters.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { defineRead } from './read.ts'

const limitMax = 1_000

export const audit = defineRead({
  name: 'audit',
  about: 'List sign-ins, refusals and changes of rights of the last 90 days, newest first',
  path: '/audit',
  listedAs: { tag: 'access', operationId: 'audit.list' },
  parameters: {
    kind: { about: 'List entries of this kind', schema: { type: 'string', enum: [...auditKinds] } },
    actor: { about: 'List entries of this actor', schema: { type: 'string', minLength: 1, maxLength: 256 } },
    limit: { about: 'Entries per page, 100 by default', schema: { type: 'integer', minimum: 1, maximum: limitMax } },
    cursor: { about: 'The cursor of the previous page', schema: { type: 'string', pattern: '^[0-9]{1,15}$' } },
  },
  headers: readHeaders,
  responses: () => ({ 200: jsonResponse('Entries of the audit log', ref('AuditPage')) }),

  parse: ({ parameters }) => parseSelection(parameters),

  answer({ store, recorder }, { request, caller }) {
    requireFullAuthority(caller, 'the audit log')
    recorder?.log()
    const { limit } = request
    const found = store.isReady ? store.keys.audit.list({ ...request, limit: limit + 1 }) : []
    const shown = found.slice(0, limit)
    const cursor = found.length > limit ? String(shown.at(-1)?.id) : null
    return {
      body: JSON.stringify({ results: shown.map(toAnswer), hasMore: cursor !== null, cursor }),
      source: 'object',
    }
  },
})

function parseSelection(parameters: Parameters): AuditSelection {
  const { kind, actor } = parameters
  const known = kind === undefined ? undefined : auditKinds.find((name): name is AuditKind => name === kind)
  if (kind !== undefined && known === undefined) throw refuse('kind', `one of ${auditKinds.join(', ')}`, kind)
  if (actor !== undefined && (actor === '' || actor.length > 256)) throw refuse('actor', '1 to 256 characters', actor)
  return {
    kind: known,
    actor,
    limit: parseCount(parameters, { name: 'limit', fallback: 100, min: 1, max: limitMax, code: 'invalid_limit' }),
    before: parseCount(parameters, {
      name: 'cursor',
      fallback: Number.MAX_SAFE_INTEGER,
      min: 1,
      max: Number.MAX_SAFE_INTEGER,
    }),
  }
}

function refuse(field: string, expected: string, got: string): ObjectError {
  const message = `${field} expects ${expected}, got '${got.slice(0, 64)}'`
  return new ObjectError({ code: 'invalid_parameter', field, message })
}

function toAnswer({ id: _id, atMs, ...entry }: StoredAuditEntry): object {
  return { at: new Date(atMs).toISOString(), ...entry }
}
