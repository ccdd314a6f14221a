// SCIM 2.0 (RFC 7644) at `/~acme/scim/v2`, for identity providers that create, change and suspend the users of a tenant. Its callers
// have full authority, since a user's role and status give rights.

import { ask, type ServiceAnswer, type ServiceRequest, type ServiceRoute } from '@dotdo/service'
import { isPlainObject, ObjectError, tryParseJson } from 'digital-objects'
import SCIMMY from 'scimmy'
import { scimResources } from './scim-resources.ts'
import type { Json } from './scim-user.ts'

const { Messages, Types } = SCIMMY

type Resource = InstanceType<typeof Types.Resource>
type Method = ServiceRoute['method']
interface Answered {
  readonly status: number
  /** Absent for an answer without content. */
  readonly body?: unknown
}

const bodyBytesMax = 2 ** 20
const listNumbers = ['startIndex', 'count'] as const
const listTexts = ['filter', 'attributes', 'excludedAttributes', 'sortBy', 'sortOrder'] as const

interface Kind {
  readonly path: string
  readonly make: (id?: string, config?: object) => Resource
  readonly many: string
  /** Absent if there is only one, which has no id. */
  readonly one?: string
  readonly changes: readonly ('creates' | 'replaces' | 'patches' | 'removes')[]
}

const kinds: readonly Kind[] = [
  {
    path: 'Users',
    make: (...of) => new scimResources.User(...of),
    many: 'users',
    one: 'a user',
    changes: ['creates', 'replaces', 'patches', 'removes'],
  },
  // Rules alone add and remove roles.
  {
    path: 'Groups',
    make: (...of) => new scimResources.Group(...of),
    many: 'roles as groups',
    one: 'a role as a group',
    changes: ['replaces', 'patches'],
  },
  { path: 'Schemas', make: (...of) => new scimResources.Schema(...of), many: 'schemas', one: 'a schema', changes: [] },
  {
    path: 'ResourceTypes',
    make: (...of) => new scimResources.ResourceType(...of),
    many: 'types of resources',
    one: 'a type of resources',
    changes: [],
  },
  {
    path: 'ServiceProviderConfig',
    make: (...of) => new scimResources.ServiceProviderConfig(...of),
    many: 'what the service can',
    changes: [],
  },
]

export const scimRoutes: readonly ServiceRoute[] = kinds.flatMap(routesOf)

function routesOf({ path, make, many, one, changes }: Kind): readonly ServiceRoute[] {
  const route = (method: Method, about: string, work: Work): ServiceRoute => ({
    path: `/scim/v2/${path}${method === 'POST' || about.endsWith(many) ? '' : '/{id}'}`,
    method,
    about: `${about} by SCIM 2.0.`,
    answer: (request) => answer(request, path, work),
  })
  const read = (about: string): ServiceRoute =>
    route('GET', about, async (request, id) => ({
      status: 200,
      body: await make(id, selectionOf(request)).read(request),
    }))
  const written = {
    creates: () =>
      route('POST', `Creates ${one}`, async (request) => ({
        status: 201,
        body: await make().write(await bodyOf(request), request),
      })),
    replaces: () =>
      route('PUT', `Replaces ${one}`, async (request, id) => ({
        status: 200,
        body: await make(id).write(await bodyOf(request), request),
      })),
    patches: () => route('PATCH', `Changes ${one}`, async (request, id) => patched(request, make(id))),
    removes: () =>
      route('DELETE', `Removes ${one}`, async (request, id) => {
        await make(id).dispose(request)
        return { status: 204 }
      }),
  }
  const reads = [read(`Lists ${many}`), ...(one === undefined ? [] : [read(`Reads ${one}`)])]
  return [...reads, ...changes.map((change) => written[change]())]
}

type Work = (request: ServiceRequest, id: string | undefined) => Promise<Answered>

async function patched(request: ServiceRequest, resource: Resource): Promise<Answered> {
  const message = corrected(await bodyOf(request))
  const body = await resource.patch(message as Parameters<Resource['patch']>[0], request)
  // scimmy answers nothing if the operations changed nothing.
  return { status: 200, body: body ?? (await resource.read(request)) }
}

async function answer(request: ServiceRequest, path: string, work: Work): Promise<ServiceAnswer> {
  try {
    await requireEverything(request)
    return toAnswer(request, path, await work(request, request.parameters['id']))
  } catch (error) {
    return toAnswer(request, path, refusalOf(request, error))
  }
}

/** SCIM's message of an error, which scimmy would make for some statuses only. Throws an error that is ours. */
function refusalOf({ describeError }: ServiceRequest, error: unknown): Answered {
  const refused = (status: number, detail: string, scimType = ''): Answered => ({
    status,
    body: { schemas: [Messages.Error.id], status: String(status), ...(scimType && { scimType }), detail },
  })
  if (error instanceof ObjectError) return refused(describeError(error.toData()).status, error.message)
  if (error instanceof Types.Error) return refused(error.status, error.message, error.scimType)
  // scimmy refuses what it cannot parse with this.
  if (error instanceof TypeError) return refused(400, error.message, 'invalidValue')
  throw error
}

function toAnswer(request: ServiceRequest, path: string, { status, body }: Answered): ServiceAnswer {
  if (body === undefined) return { ok: true, body: '' }
  const json: unknown = JSON.parse(JSON.stringify(body))
  const of = { base: `${request.context}/scim/v2/${path}`, schema: schemas[path] }
  const content = JSON.stringify(located(json, of))
  return { ok: true, body: '', file: { status, mediaType: 'application/scim+json; charset=utf-8', content } }
}

/** The schemas of resources, which scimmy leaves out of an answer with selected attributes. */
const schemas: Readonly<Record<string, string>> = { Users: SCIMMY.Schemas.User.id, Groups: SCIMMY.Schemas.Group.id }

/** Names where each resource is. scimmy could do so for one address of the whole process only. */
function located(body: unknown, of: { readonly base: string; readonly schema: string | undefined }): unknown {
  if (!isPlainObject(body)) return body
  if (Array.isArray(body['Resources']))
    return { ...body, Resources: body['Resources'].map((one: unknown) => located(one, of)) }
  const { id, meta } = body
  const known = of.schema === undefined || 'schemas' in body ? body : { schemas: [of.schema], ...body }
  if (!isPlainObject(meta)) return known
  const location = typeof id === 'string' ? `${of.base}/${encodeURIComponent(id)}` : of.base
  return { ...known, meta: { ...meta, location } }
}

function selectionOf({ parameters }: ServiceRequest): object {
  const texts = listTexts.flatMap((name) => (parameters[name] === undefined ? [] : [[name, parameters[name]]]))
  const numbers = listNumbers.flatMap((name) => {
    const value = parameters[name]
    if (value === undefined) return []
    if (!/^-?\d{1,9}$/.test(value)) throw new Types.Error(400, 'invalidValue', `${name} expects an integer`)
    return [[name, Number(value)]]
  })
  return Object.fromEntries([...texts, ...numbers]) as object
}

async function bodyOf(request: ServiceRequest): Promise<Json> {
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for await (const chunk of request.bytes()) {
    length += chunk.length
    if (length > bodyBytesMax)
      throw new ObjectError({ code: 'payload_too_large', field: 'body', message: `at most ${bodyBytesMax} bytes` })
    text += decoder.decode(chunk, { stream: true })
  }
  const body = tryParseJson(text + decoder.decode())
  if (isPlainObject(body)) return body
  throw new Types.Error(400, 'invalidSyntax', 'the body expects a JSON object')
}

/**
 * Microsoft Entra sends the booleans of its operations as strings. A replacement without a path names its attributes in the value.
 * scimmy adds to an attribute with several values where RFC 7644 (3.5.2.3) replaces all of them.
 */
function corrected(message: Json): Json {
  const operations = message['Operations']
  if (!Array.isArray(operations)) return message
  const each = operations.flatMap((one: unknown) => (isPlainObject(one) ? attributesOf(one).flatMap(replaced) : [one]))
  return { ...message, Operations: each.map(withBoolean) }
}

function attributesOf(operation: Json): readonly Json[] {
  const { op, path, value } = operation
  if (path !== undefined || !isReplacement(operation) || !isPlainObject(value)) return [operation]
  return Object.entries(value).map(([name, part]) => ({ op, path: name, value: part }))
}

function replaced(operation: Json): readonly Json[] {
  const { path, value } = operation
  if (!isReplacement(operation) || typeof path !== 'string' || !Array.isArray(value)) return [operation]
  // A user has one address, which scimmy lets no operation remove: the first of the new ones counts, if none is the primary.
  if (path.toLowerCase() === 'emails') return [{ ...operation, value: withPrimary(value) }]
  return [
    { op: 'remove', path },
    { op: 'add', path, value },
  ]
}

function withPrimary(values: readonly unknown[]): readonly unknown[] {
  if (values.some((one) => isPlainObject(one) && one['primary'] === true)) return values
  return values.map((one, at) => (isPlainObject(one) && at === 0 ? { ...one, primary: true } : one))
}

function isReplacement({ op }: Json): boolean {
  return String(op).toLowerCase() === 'replace'
}

function withBoolean(operation: unknown): unknown {
  if (!isPlainObject(operation)) return operation
  const { path, value } = operation
  if (path === 'active') return { ...operation, value: booleanOf(value) }
  const isNamed = isPlainObject(value) && 'active' in value
  return isNamed ? { ...operation, value: { ...value, active: booleanOf(value['active']) } } : operation
}

function booleanOf(value: unknown): unknown {
  return value === 'True' || value === 'true' ? true : value === 'False' || value === 'false' ? false : value
}

async function requireEverything(request: ServiceRequest): Promise<void> {
  const { body } = await ask(request, { kind: 'read', read: 'whoami', parameters: {} })
  if (isPlainObject(body) && body['mayDoEverything'] === true) return
  throw new ObjectError({ code: 'forbidden', message: 'SCIM is for callers who may do everything: use an admin key' })
}
