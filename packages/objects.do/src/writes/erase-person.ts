// `erasures.ask` and `erasures.preview`: erase the personal values of a person, or show what that would reach. An erasure is a
// job, and its certificate is a read.

import { ObjectError, parseId } from 'digital-objects'
import { toErasure } from '../answers/erasure-text.ts'
import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { parseBody } from './parse-body.ts'
import type { Write, WriteAsked } from './write.ts'

const idsMax = 100
const reasonMax = 300

export const askErasure: Write = {
  kind: 'write',
  does: ['deletes'],
  name: 'erasures.ask',
  about: 'Erase the personal values of a person everywhere, which cannot be taken back',
  routes: [{ methods: ['POST'], path: '/erasures' }],
  listedAs: { tag: 'access', operationId: 'erasures.ask' },
  parameters: {},
  body: { isRequired: true, schema: () => ref('ErasureRequest') },
  responses: () => ({ 202: jsonResponse('The erasure, which a job performs', ref('Erasure')) }),
  isWhole: true,

  perform({ store }, asked) {
    const { ids, reason } = parseRequest(asked, 'an erasure')
    const { who, onBehalfOf, through } = asked.caller.authority
    requireExisting(store.isReady, ids)
    const erasure = store.erasures.ask({ ids, actor: who, reason })
    for (const target of ids)
      store.keys.audit.record({ kind: 'erasure', actor: who, onBehalfOf, key: through?.id, about: erasure.id, target })
    return Promise.resolve({ body: JSON.stringify(toErasure(erasure)), isUnfinished: true })
  },
}

export const previewErasure: Write = {
  kind: 'write',
  name: 'erasures.preview',
  about: 'Show which entities and fields an erasure would reach; it changes nothing',
  routes: [{ methods: ['POST'], path: '/erasures/preview' }],
  listedAs: { tag: 'access', operationId: 'erasures.preview' },
  parameters: {},
  body: { isRequired: true, schema: () => ref('ErasureRequest') },
  responses: () => ({ 200: jsonResponse('Entities and fields that the erasure would reach', ref('ErasurePreview')) }),
  isWhole: true,

  perform({ store }, asked) {
    const { ids } = parseRequest(asked, 'an erasure')
    requireExisting(store.isReady, ids)
    return Promise.resolve({ body: JSON.stringify({ ids, nouns: store.erasures.preview(ids) }) })
  },
}

function parseRequest(
  { caller, call }: WriteAsked,
  what: string,
): { readonly ids: readonly string[]; readonly reason: string | undefined } {
  requireFullAuthority(caller, what)
  const { idempotencyKey, ifVersion, at, force } = call
  const given = {
    'Idempotency-Key': idempotencyKey,
    'If-Match': ifVersion,
    'X-Headlessly-At': at,
    'X-Headlessly-Force': force,
  }
  const header = Object.entries(given).find(([, value]) => value !== undefined)?.[0]
  if (header !== undefined)
    throw new ObjectError({ code: 'invalid_parameter', field: header, message: `${what} does not support ${header}` })
  const { ids, reason, ...unknown } = parseBody(call.body)
  const [stray] = Object.keys(unknown)
  if (stray !== undefined) throw invalid(stray.slice(0, 64), 'is unknown: expected ids, and a reason')
  return { ids: checkedIds(ids), reason: checkedReason(reason) }
}

function checkedIds(ids: unknown): readonly string[] {
  const isList = Array.isArray(ids) && ids.length > 0 && ids.length <= idsMax
  if (!isList) throw invalid('ids', `expects a list of 1 to ${idsMax} ids`)
  const texts = ids.filter((id): id is string => typeof id === 'string' && parseId(id) !== undefined)
  if (texts.length < ids.length || new Set(texts).size < ids.length)
    throw invalid('ids', 'expects distinct ids of entities')
  return texts
}

function checkedReason(reason: unknown): string | undefined {
  if (reason === undefined) return undefined
  if (typeof reason === 'string' && reason.trim() !== '' && reason.length <= reasonMax && !reason.includes('\0'))
    return reason
  throw invalid('reason', `expects a string of 1 to ${reasonMax} characters that is not blank`)
}

function requireExisting(isReady: boolean, [first = '']: readonly string[]): void {
  if (!isReady)
    throw new ObjectError({ code: 'not_found', field: 'ids', message: `there is no entity '${first.slice(0, 64)}'` })
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({
    code: 'validation_error',
    message: `erasure: '${field}' ${message}`,
    faults: [{ field, message }],
  })
}
