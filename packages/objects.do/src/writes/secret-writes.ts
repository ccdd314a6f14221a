// `secrets.put` and `secrets.delete`: set and remove a secret of the tenant. They are no events, and nothing stores their
// requests: neither is part of a batch, a program or a plan, and an idempotency key is refused.

import { ObjectError, secretCharactersMax, secretNamePattern } from 'digital-objects'
import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { emptyResponse, jsonResponse, ref } from '../openapi/components.ts'
import { toAnswer } from '../reads/secrets.ts'
import { parseBody } from './parse-body.ts'
import type { Write, WriteAsked } from './write.ts'

const namePattern = new RegExp(secretNamePattern)
const path = '/secrets/{id}'

export const putSecret: Write = {
  kind: 'write',
  does: ['grants'],
  name: 'secrets.put',
  about: 'Set a secret of the tenant; no answer has its value again',
  routes: [{ methods: ['PUT'], path }],
  listedAs: { tag: 'access', operationId: 'secrets.put' },
  parameters: {},
  body: { isRequired: true, schema: () => ref('SecretValue') },
  responses: () => ({ 200: jsonResponse('The secret, without its value', ref('SecretInfo')) }),

  async perform({ store }, asked) {
    const name = checkedName(asked)
    const value = parseValue(asked.call.body)
    const { tenant, context, authority } = asked.caller
    store.begin({ name: tenant, context })
    await store.secrets.set(name, { value, actor: authority.who })
    const info = store.secrets.list().find((secret) => secret.name === name)
    store.keys.audit.record(entryOf(asked, 'secrets.put', name))
    return { body: JSON.stringify(info === undefined ? { name } : toAnswer(info)) }
  },
}

export const deleteSecret: Write = {
  kind: 'write',
  does: ['grants'],
  name: 'secrets.delete',
  about: 'Remove a secret of the tenant',
  routes: [{ methods: ['DELETE'], path }],
  listedAs: { tag: 'access', operationId: 'secrets.delete' },
  parameters: {},
  responses: () => ({ 204: emptyResponse('SecretRemoved', 'The secret is removed') }),

  perform({ store }, asked) {
    const name = checkedName(asked)
    if (!store.isReady || !store.secrets.remove(name))
      throw new ObjectError({ code: 'not_found', field: 'name', message: `there is no secret '${name}'` })
    store.keys.audit.record(entryOf(asked, 'secrets.delete', name))
    return Promise.resolve({ body: '' })
  },
}

function checkedName({ caller, call }: WriteAsked): string {
  requireFullAuthority(caller, 'a secret')
  const { id = '', idempotencyKey, ifVersion, at, force } = call
  const given = {
    'Idempotency-Key': idempotencyKey,
    'If-Match': ifVersion,
    'X-Headlessly-At': at,
    'X-Headlessly-Force': force,
  }
  const field = Object.entries(given).find(([, value]) => value !== undefined)?.[0]
  if (field !== undefined)
    throw new ObjectError({ code: 'invalid_parameter', field, message: `a secret does not support ${field}` })
  if (namePattern.test(id)) return id
  const message = `the name of a secret expects a lower-case letter and then letters, digits, dots or hyphens, at most 63, got '${id.slice(0, 64)}'`
  throw new ObjectError({ code: 'invalid_parameter', field: 'name', message })
}

/** Throws an ObjectError without any part of the body. */
function parseValue(body: string): string {
  const { value, ...others } = parseWithoutEcho(body)
  const stray = Object.keys(others).length > 0
  if (!stray && typeof value === 'string' && value !== '' && value.length <= secretCharactersMax) return value
  const message = `expects {"value":"…"} with 1 to ${secretCharactersMax} characters and nothing else`
  throw new ObjectError({
    code: 'validation_error',
    message: `secret: 'value' ${message}`,
    faults: [{ field: 'value', message }],
  })
}

function parseWithoutEcho(body: string): ReturnType<typeof parseBody> {
  try {
    return parseBody(body)
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    throw new ObjectError({ code: 'invalid_json', field: 'body', message: 'the body is not a JSON object' })
  }
}

function entryOf({ caller: { authority } }: WriteAsked, about: string, name: string) {
  const { who, onBehalfOf, through } = authority
  return { kind: 'secret_changed', actor: who, onBehalfOf, key: through?.id, about, target: name } as const
}
