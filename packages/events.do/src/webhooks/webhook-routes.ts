// Routes of webhooks: set up, list, read, change and remove them, and new secrets. Each is a call or two of the caller, so its
// rights are checked where all are.

import { ask, type RouteDocument, type ServiceAnswer, type ServiceRequest, type ServiceRoute } from '@dotdo/service'
import { isPlainObject, type JsonValue, ObjectError, parseExactJson, type Parameters } from 'digital-objects'
import { isBucketKey } from './s3-put.ts'
import { isSecretName, makeSecretName } from './secret-name.ts'
import { formatSecret, isSecret, secretBytes } from './sign.ts'

type Fields = Readonly<Record<string, JsonValue>>
type Random = (count: number) => Uint8Array

/** Fields that callers set. */
const given = ['name', 'url', 'events', 'filter', 'kind'] as const
const listMax = 100

const text = (description: string): object => ({ type: 'string', description })
const seq = (description: string): object => ({ type: 'integer', minimum: 1, description })

/** The fields that a caller sets, as `given` has them. */
const webhookFields: Readonly<Record<(typeof given)[number], object>> = {
  name: text('Name of the webhook.'),
  url: text('Address of the receiver.'),
  events: {
    type: 'array',
    minItems: 1,
    items: { type: 'string' },
    description: 'Patterns of event types: Contact.Created, Deal.*, *.Created, or * for all.',
  },
  filter: { type: 'object', description: 'Filter that the entity after the event has to match.' },
  kind: { type: 'string', enum: ['Standard', 'Slack', 'Kafka', 'S3'], description: 'Form of the requests.' },
}

function bodyOf(
  properties: Readonly<Record<string, object>>,
  required: readonly string[],
): NonNullable<RouteDocument['body']> {
  return { isRequired: true, schema: { type: 'object', additionalProperties: false, required, properties } }
}

export function webhookRoutes(random: Random): readonly ServiceRoute[] {
  return [
    {
      path: '/webhooks',
      method: 'GET',
      about: 'Lists the webhooks, newest first.',
      document: { parameters: { cursor: { about: 'Cursor of the previous page' } }, answer: { about: 'One page' } },
      answer: async (request) => {
        const { cursor } = parametersOf(request, ['cursor'])
        const parameters = { limit: String(listMax), strong: 'true', ...(cursor === undefined ? {} : { cursor }) }
        return toAnswer(await ask(request, { kind: 'read', read: 'find', noun: 'Webhook', parameters }))
      },
    },
    {
      path: '/webhooks',
      method: 'POST',
      about: 'Sets up a webhook, and answers with its secret, which no other answer has.',
      document: {
        body: bodyOf({ ...webhookFields, secret: text('Secret of the receiver, in place of a new one.') }, [
          'url',
          'events',
        ]),
        answer: { about: 'The webhook and its secret' },
      },
      answer: (request) => createWebhook(request, random),
    },
    {
      path: '/webhooks/{id}',
      method: 'GET',
      about: 'Reads a webhook.',
      answer: async (request) => {
        parametersOf(request, [])
        const read = { kind: 'read', read: 'get', noun: 'Webhook', id: idOf(request) } as const
        return toAnswer(await ask(request, { ...read, parameters: { strong: 'true' } }))
      },
    },
    {
      path: '/webhooks/{id}',
      method: 'PUT',
      about: 'Changes the fields of a webhook that the body names.',
      document: { body: bodyOf(webhookFields, []), answer: { about: 'The webhook' } },
      answer: async (request) => {
        parametersOf(request, [])
        const body = JSON.stringify(parseFields(await request.body(), given))
        return toAnswer(await ask(request, { ...writeOf(request), verb: 'update', id: idOf(request), body }))
      },
    },
    {
      path: '/webhooks/{id}',
      method: 'DELETE',
      about: 'Removes a webhook and its secrets; nothing more is sent.',
      answer: removeWebhook,
    },
    ...actionRoutes(random),
  ]
}

/** Routes of what a webhook does beside being an entity. */
function actionRoutes(random: Random): readonly ServiceRoute[] {
  return [
    {
      path: '/webhooks/{id}/secret',
      method: 'POST',
      about: 'Makes a new secret and answers with it; for a day the old one signs too.',
      answer: (request) => rotateSecret(request, random),
    },
    {
      path: '/webhooks/{id}/replay',
      method: 'POST',
      about: 'Sends events of the log again: { from, through }, at most 10,000 of them.',
      document: {
        body: bodyOf({ from: seq('First event.'), through: seq('Last event.') }, ['from', 'through']),
        answer: { about: 'The webhook' },
      },
      answer: async (request) => {
        parametersOf(request, [])
        const { from, through } = parseFields(await request.body(), ['from', 'through'])
        const body = JSON.stringify({ replayFrom: from ?? null, replayThrough: through ?? null })
        return toAnswer(await ask(request, { ...writeOf(request), verb: 'replay', id: idOf(request), body }))
      },
    },
    {
      path: '/webhooks/{id}/deliveries/{event}/redeliver',
      method: 'POST',
      about: 'Sends one event again.',
      answer: async (request) => {
        const { event = '' } = parametersOf(request, ['event'])
        const body = JSON.stringify({ redelivered: event })
        await ask(request, { kind: 'read', read: 'event', id: event, parameters: {} })
        return toAnswer(await ask(request, { ...writeOf(request), verb: 'redeliver', id: idOf(request), body }))
      },
    },
  ]
}

/** A crash in between leaves a secret that nothing uses. */
async function createWebhook(request: ServiceRequest, random: Random): Promise<ServiceAnswer> {
  parametersOf(request, [])
  refuseKey(request)
  const { secret: wanted, ...fields } = parseFields(await request.body(), [...given, 'secret'])
  const secret = secretOf(wanted, fields['kind'], random)
  const secretName = await putSecret(request, secret, random)
  try {
    const body = JSON.stringify({ ...fields, secretName })
    const { body: made, ...others } = await ask(request, { ...writeOf(request), verb: 'create', body })
    const shown = isPlainObject(made) ? { ...made, secret } : {}
    return { ...toAnswer({ body: shown, ...others }), hasCreated: true }
  } catch (error) {
    await dropSecret(request, secretName)
    throw error
  }
}

function secretOf(wanted: JsonValue | undefined, kind: JsonValue | undefined, random: Random): string {
  if (kind === 'S3') {
    if (typeof wanted === 'string' && isBucketKey(wanted)) return wanted
    throw invalid('secret', 'secret expects the key of the bucket: its id, a colon and its secret')
  }
  if (wanted === undefined) return formatSecret(random(secretBytes))
  if (typeof wanted === 'string' && isSecret(wanted)) return wanted
  throw invalid('secret', 'secret expects whsec_ and 24 to 64 bytes in base64')
}

async function rotateSecret(request: ServiceRequest, random: Random): Promise<ServiceAnswer> {
  parametersOf(request, [])
  refuseKey(request)
  const webhook = await readWebhook(request)
  if (webhook['kind'] === 'S3') throw invalid('kind', 'the key of a bucket is changed by a new webhook')
  const secret = formatSecret(random(secretBytes))
  const secretName = await putSecret(request, secret, random)
  const { secretName: current, oldSecretName: old } = webhook
  const body = JSON.stringify({ secretName, oldSecretName: current ?? null })
  try {
    const rotated = await ask(request, { ...writeOf(request), verb: 'rotate', id: idOf(request), body })
    if (isSecretName(old)) await dropSecret(request, old)
    return toAnswer({ ...rotated, body: { ...(isPlainObject(rotated.body) ? rotated.body : {}), secret } })
  } catch (error) {
    await dropSecret(request, secretName)
    throw error
  }
}

async function removeWebhook(request: ServiceRequest): Promise<ServiceAnswer> {
  parametersOf(request, [])
  const removed = await ask(request, { ...writeOf(request), verb: 'delete', id: idOf(request), body: '' })
  return toAnswer({ ...removed, body: undefined })
}

async function readWebhook(request: ServiceRequest): Promise<Fields> {
  const read = {
    kind: 'read',
    read: 'get',
    noun: 'Webhook',
    id: idOf(request),
    parameters: { strong: 'true' },
  } as const
  const { body } = await ask(request, read)
  return isPlainObject(body) ? body : {}
}

async function putSecret(request: ServiceRequest, value: string, random: Random): Promise<string> {
  const name = makeSecretName(random)
  await ask(request, { kind: 'write', noun: '', verb: 'secrets.put', id: name, body: JSON.stringify({ value }) })
  return name
}

/** A secret that is gone already is no fault. */
async function dropSecret(request: ServiceRequest, name: string): Promise<void> {
  try {
    await ask(request, { kind: 'write', noun: '', verb: 'secrets.delete', id: name, body: '' })
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
  }
}

function writeOf({ idempotencyKey }: ServiceRequest) {
  const key = idempotencyKey === undefined ? {} : { idempotencyKey }
  return { kind: 'write', noun: 'Webhook', ...key } as const
}

/** An answer with a secret is not kept, so it could not be repeated. */
function refuseKey({ idempotencyKey }: ServiceRequest): void {
  if (idempotencyKey === undefined) return
  const message = 'a request that makes a secret does not support Idempotency-Key, since its answer is not kept'
  throw new ObjectError({ code: 'invalid_parameter', field: 'Idempotency-Key', message })
}

/** Refuses parameters that have no effect, which the caller may rely on. */
function parametersOf({ parameters }: ServiceRequest, allowed: readonly string[]): Parameters {
  const stray = Object.keys(parameters).find((name) => name !== 'id' && !allowed.includes(name))
  if (stray === undefined) return parameters
  const message = `this path does not take the parameter '${stray.slice(0, 64)}'`
  throw new ObjectError({ code: 'invalid_parameter', field: stray.slice(0, 64), message })
}

function parseFields(text: string, allowed: readonly string[]): Fields {
  const body = parseExactJson(text, {
    syntax: () => new ObjectError({ code: 'invalid_json', field: 'body', message: 'the body expects JSON' }),
    inexact: ({ path }) => invalid(path.join('.').slice(0, 64), 'expects a number that is exact'),
  })
  if (!isPlainObject(body)) throw invalid('body', `the body expects an object of ${allowed.join(', ')}`)
  const stray = Object.keys(body).find((name) => !allowed.includes(name))
  if (stray !== undefined)
    throw invalid(stray.slice(0, 64), `the body expects ${allowed.join(', ')}, got '${stray.slice(0, 64)}'`)
  return body as Fields
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'validation_error', message, faults: [{ field, message }] })
}

function idOf({ parameters }: ServiceRequest): string {
  return parameters['id'] ?? ''
}

function toAnswer(asked: Awaited<ReturnType<typeof ask>>): Extract<ServiceAnswer, { ok: true }> {
  const { body, bookmark, commit } = asked
  return {
    ok: true,
    body: body === undefined ? '' : JSON.stringify(body),
    ...(bookmark === undefined ? {} : { bookmark }),
    ...(commit === undefined ? {} : { commit }),
  }
}
