// Routes of incoming webhooks: setting one up, a new secret, and the address to which the sender posts. The rest is that of any
// entity.

import { ask, type ServiceAnswer, type ServiceRequest, type ServiceRoute } from '@dotdo/service'
import { isPlainObject, type JsonValue, ObjectError, tryParseJson } from 'digital-objects'
import { formatSecret, secretBytes } from '../webhooks/sign.ts'
import { isIncomingSecret, makeIncomingSecretName } from './incoming-secret.ts'
import { schemeHeaders } from './schemes.ts'

type Random = (count: number) => Uint8Array

const bodyBytesMax = 2 ** 20
const secretCharactersMax = 1_000

export function incomingRoutes(random: Random): readonly ServiceRoute[] {
  return [
    {
      path: '/incoming',
      method: 'POST',
      about:
        'Sets up an incoming webhook: `name`, `scheme` and the `secret` of the sender; without one the answer has a new one, once.',
      answer: (request) => setUp(request, random),
    },
    {
      path: '/incoming/{id}/secret',
      method: 'PUT',
      about: 'Sets the secret of an incoming webhook: `secret`, or a new one that only the answer has.',
      answer: (request) => changeSecret(request, random),
    },
    {
      path: '/incoming/{id}',
      method: 'POST',
      about: 'Takes a delivery of another system, which its signature proves.',
      isOpen: () => true,
      answer: take,
    },
  ]
}

/** A crash in between leaves a secret that nothing uses. */
async function setUp(request: ServiceRequest, random: Random): Promise<ServiceAnswer> {
  refuseKey(request)
  const { secret: given, ...fields } = fieldsOf(await request.body(), ['name', 'scheme', 'secret'])
  const { secret, shown } = secretOf(given, random)
  const secretName = makeIncomingSecretName(random)
  await put(request, secretName, secret)
  const body = JSON.stringify({ ...fields, secretName })
  try {
    const made = await ask(request, { kind: 'write', noun: 'IncomingWebhook', verb: 'create', body })
    const entity = isPlainObject(made.body) ? made.body : {}
    const url = `${request.context}/incoming/${String(entity['$id'])}`
    return {
      ok: true,
      hasCreated: true,
      body: JSON.stringify({ ...entity, url, ...shown }),
      ...(made.bookmark === undefined ? {} : { bookmark: made.bookmark }),
    }
  } catch (error) {
    await ask(request, { kind: 'write', noun: '', verb: 'secrets.delete', id: secretName, body: '' }).catch(() => {})
    throw error
  }
}

async function changeSecret(request: ServiceRequest, random: Random): Promise<ServiceAnswer> {
  refuseKey(request)
  const { secret: given } = fieldsOf(await request.body(), ['secret'])
  const { secret, shown } = secretOf(given, random)
  const id = request.parameters['id'] ?? ''
  const { body } = await ask(request, {
    kind: 'read',
    read: 'get',
    noun: 'IncomingWebhook',
    id,
    parameters: { strong: 'true' },
  })
  const name = isPlainObject(body) ? body['secretName'] : undefined
  if (!isIncomingSecret(name)) throw invalid('secretName', 'of this webhook is none that POST /incoming has made')
  await put(request, name, secret)
  return { ok: true, body: JSON.stringify({ $id: id, ...shown }) }
}

/** Senders repeat what was not answered by 2xx, so a repetition is answered as the first. */
async function take(request: ServiceRequest): Promise<ServiceAnswer> {
  const stray = Object.keys(request.parameters).find((name) => name !== 'id')
  if (stray !== undefined) throw invalid(stray.slice(0, 64), 'is no parameter of a delivery')
  const body = decode(await request.rawBody(bodyBytesMax))
  const headers = Object.fromEntries(
    [...schemeHeaders, 'content-type'].flatMap((name) => {
      const value = request.header(name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
  const outcome = await request.command('incoming.receive', { id: request.parameters['id'] ?? '', body, headers })
  const challenge = isPlainObject(outcome) ? outcome['challenge'] : undefined
  if (typeof challenge !== 'string') return { ok: true, body: JSON.stringify(outcome) }
  return { ok: true, body: '', file: { mediaType: 'text/plain; charset=utf-8', content: challenge } }
}

/** Bytes that are no UTF-8 could not be signed as they are stored. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new ObjectError({ code: 'invalid_body', field: 'body', message: 'a delivery expects UTF-8' })
  }
}

function secretOf(
  given: JsonValue | undefined,
  random: Random,
): { readonly secret: string; readonly shown: { readonly secret?: string } } {
  if (given === undefined) {
    const secret = formatSecret(random(secretBytes))
    return { secret, shown: { secret } }
  }
  if (typeof given === 'string' && given.length >= 8 && given.length <= secretCharactersMax)
    return { secret: given, shown: {} }
  throw invalid('secret', `expects 8 to ${secretCharactersMax} characters`)
}

async function put(request: ServiceRequest, name: string, value: string): Promise<void> {
  await ask(request, { kind: 'write', noun: '', verb: 'secrets.put', id: name, body: JSON.stringify({ value }) })
}

function fieldsOf(text: string, allowed: readonly string[]): Readonly<Record<string, JsonValue>> {
  const body = text === '' ? {} : tryParseJson(text)
  if (!isPlainObject(body)) throw invalid('body', `expects an object of ${allowed.join(', ')}`)
  const stray = Object.keys(body).find((name) => !allowed.includes(name))
  if (stray !== undefined) throw invalid(stray.slice(0, 64), `is none of ${allowed.join(', ')}`)
  return body as Readonly<Record<string, JsonValue>>
}

/** An answer with a secret is not kept, so it could not be repeated. */
function refuseKey({ idempotencyKey }: ServiceRequest): void {
  if (idempotencyKey === undefined) return
  const message = 'a request that makes a secret does not support Idempotency-Key, since its answer is not kept'
  throw new ObjectError({ code: 'invalid_parameter', field: 'Idempotency-Key', message })
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'validation_error', message: `${field} ${message}`, faults: [{ field, message }] })
}
