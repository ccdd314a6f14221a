// The read-only Iceberg REST catalog of a tenant: one namespace with the table of its events, and one for each Noun (apache/iceberg,
// open-api/rest-catalog-open-api.yaml). It returns the keys with which clients read the table's files.

import { unreachable } from 'digital-objects'
import type { ObjectStore } from '@dotdo/db'
import { parseCatalogRoute, type TableName } from './catalog-route.ts'
import { isTenantSlug } from '../base/tenant-slug.ts'
import { type LakeHolder, lakeKeysOf } from './lake-keys.ts'
import { isLakeToken, holderOfToken, issueToken } from './lake-token.ts'
import { lakeRegion } from './s3-face.ts'
import { eventsTable, listNounTables } from './lake-tables.ts'
import { readCurrentMetadata } from './current-metadata.ts'

export interface CatalogOptions {
  readonly store: Pick<ObjectStore, 'get' | 'head'>
  /** The bucket of the S3 face. */
  readonly bucket: string
  readonly serverSecret: string
  readonly nowMs: number
  /** For how long a new token is valid. */
  readonly tokenSeconds: number
  /** The address at which clients reach the S3 face, such as `https://example.com`. */
  readonly origin: string
  /** Whether a request without a token may read the tenant, and so receive its keys. */
  readonly authorize: (request: Request, tenant: string) => Promise<boolean>
  /** Whether the holder of keys may read everything of the tenant now. */
  readonly mayRead: (holder: LakeHolder) => Promise<boolean>
}

export const lakeNamespace = 'headlessly'

const formBytesMax = 8192 // body of a token request
const reads = 'GET, HEAD'

/** The supported endpoints, in the form of the specification. */
const endpoints = [
  'GET /v1/{prefix}/namespaces',
  'GET /v1/{prefix}/namespaces/{namespace}',
  'HEAD /v1/{prefix}/namespaces/{namespace}',
  'GET /v1/{prefix}/namespaces/{namespace}/tables',
  'GET /v1/{prefix}/namespaces/{namespace}/tables/{table}',
  'HEAD /v1/{prefix}/namespaces/{namespace}/tables/{table}',
]

/** Iceberg's Java client would exchange its token for a new one, which ends a long job. It asks by its keys instead. */
const overrides = { 'token-exchange-enabled': 'false' }

/** Answers every request below `/iceberg/{tenant}`, whatever its method. */
export async function catalogResponse(request: Request, options: CatalogOptions): Promise<Response> {
  const { tenant, route } = parseCatalogRoute(new URL(request.url).pathname)
  const refuse = (fault: CatalogFault): Response => errorResponse(request, fault)
  if (!isTenantSlug(tenant) || route.kind === 'unknown')
    return refuse({ status: 404, type: 'NotFoundException', message: 'unknown path' })
  if (route.kind === 'token') {
    return request.method === 'POST'
      ? tokenResponse(request, { ...options, tenant })
      : refuse({ ...readOnly, headers: { allow: 'POST' } })
  }
  const holder = await authorizedHolder(request, { ...options, tenant })
  if (holder === undefined) {
    const message = "expected a token for this catalog's tenant"
    return refuse({ status: 401, type: 'NotAuthorizedException', message, headers: { 'www-authenticate': 'Bearer' } })
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(readOnly)

  const respond = (body: object | string): Response => jsonResponse(request, { status: 200, body })
  switch (route.kind) {
    case 'config':
      return respond({ defaults: {}, overrides, endpoints })
    case 'namespaces': {
      const parent = new URL(request.url).searchParams.get('parent') ?? ''
      if (parent !== '' && parent !== lakeNamespace) return refuse(noNamespace(parent))
      return respond({ namespaces: parent === '' ? [[lakeNamespace]] : [] })
    }
    case 'namespace':
      return route.namespace === lakeNamespace
        ? respond({ namespace: [lakeNamespace], properties: {} })
        : refuse(noNamespace(route.namespace))
    case 'tables': {
      if (route.namespace !== lakeNamespace) return refuse(noNamespace(route.namespace))
      const hasEvents = (await readCurrentMetadata({ ...options, tenant, table: eventsTable })) !== undefined
      const ofNouns = (await listNounTables(options.store, tenant)).map(({ name }) => name)
      const names = [...(hasEvents ? [eventsTable] : []), ...ofNouns]
      return respond({ identifiers: names.map((name) => ({ namespace: [lakeNamespace], name })) })
    }
    case 'table': {
      const loaded = await loadTable(route, { ...options, ...holder })
      return loaded === undefined ? refuse(noTable(route)) : respond(loaded)
    }
    default:
      return unreachable(route)
  }
}

/** Returns undefined for a request that may not read the tenant. */
async function authorizedHolder(
  request: Request,
  options: CatalogOptions & { readonly tenant: string },
): Promise<LakeHolder | undefined> {
  const { authorize, mayRead, serverSecret, nowMs, tenant } = options
  const given = request.headers.get('authorization')?.trim() ?? ''
  // A token that is sent decides alone: a wrong or expired one must not be accepted because the rule admits everyone.
  if (given === '') return (await authorize(request, tenant)) ? { tenant } : undefined
  const [, token = ''] = /^Bearer\s+(\S+)$/i.exec(given) ?? []
  const holder = isLakeToken(token) ? await holderOfToken({ serverSecret, token, nowMs }) : undefined
  return holder?.tenant === tenant && (await mayRead(holder)) ? holder : undefined
}

/** Returns the JSON of loadTable's response, with the metadata exactly as stored. */
async function loadTable(name: TableName, options: CatalogOptions & LakeHolder): Promise<string | undefined> {
  const { store, bucket, origin, serverSecret, tenant, principal } = options
  if (name.namespace !== lakeNamespace) return undefined
  const isKnown =
    name.table === eventsTable || (await listNounTables(store, tenant)).some((table) => table.name === name.table)
  if (!isKnown) return undefined
  const metadata = await readCurrentMetadata({ store, tenant, table: name.table })
  if (metadata === undefined) return undefined
  const keys = await lakeKeysOf({ serverSecret, tenant, principal })
  const config = {
    // Ends in a slash, because ClickHouse appends the bucket directly.
    's3.endpoint': `${origin}/`,
    's3.access-key-id': keys.accessKeyId,
    's3.secret-access-key': keys.secretAccessKey,
    's3.region': lakeRegion,
    's3.path-style-access': 'true',
    'client.region': lakeRegion,
  }
  const location = JSON.stringify(`s3://${bucket}/${metadata.key}`)
  return `{"metadata-location":${location},"config":${JSON.stringify(config)},"metadata":${metadata.text}}`
}

/**
 * Issues a token for client credentials (RFC 6749, 4.4). Parameters are in the body, or in the query as ClickHouse
 * sends them.
 */
async function tokenResponse(
  request: Request,
  options: CatalogOptions & { readonly tenant: string },
): Promise<Response> {
  const { serverSecret, nowMs, tokenSeconds, tenant, mayRead } = options
  const form = await readForm(request)
  if (form?.get('grant_type') !== 'client_credentials')
    return oauthError(request, {
      status: 400,
      error: 'unsupported_grant_type',
      description: 'expected client_credentials as grant_type',
    })
  const accessKeyId = form.get('client_id') ?? ''
  const secretAccessKey = form.get('client_secret') ?? ''
  const token = await issueToken({ serverSecret, accessKeyId, secretAccessKey, nowMs, tokenSeconds })
  const holder = token === undefined ? undefined : await holderOfToken({ serverSecret, token, nowMs })
  // A holder that lost its right gets the answer of a stranger.
  if (token === undefined || holder?.tenant !== tenant || !(await mayRead(holder)))
    return oauthError(request, {
      status: 401,
      error: 'invalid_client',
      description: 'client_id and client_secret are not keys of this tenant',
    })
  const body = {
    access_token: token,
    token_type: 'bearer',
    expires_in: tokenSeconds,
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    scope: form.get('scope')?.slice(0, 256) ?? '',
  }
  return jsonResponse(request, { status: 200, body })
}

/** Merges query, body and HTTP Basic into one form; undefined if the body is too large. */
async function readForm(request: Request): Promise<URLSearchParams | undefined> {
  const form = new URLSearchParams(new URL(request.url).search)
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length
    if (bytes > formBytesMax) return undefined
    chunks.push(chunk)
  }
  for (const [name, value] of new URLSearchParams(await new Blob(chunks).text())) form.set(name, value)
  const [, basic = ''] = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(request.headers.get('authorization')?.trim() ?? '') ?? []
  // Our keys consist of letters, digits, `_` and `-`, which need no decoding. Anything else is not a key.
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(decodeBase64(basic)) ?? []
  if (id !== undefined && secret !== undefined && !form.has('client_id')) {
    form.set('client_id', id)
    form.set('client_secret', secret)
  }
  return form
}

function decodeBase64(text: string): string {
  try {
    return atob(text)
  } catch {
    return '' // invalid Base64 holds no keys
  }
}

interface CatalogFault {
  readonly status: number
  readonly type: string
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

const readOnly: CatalogFault = {
  status: 405,
  type: 'UnsupportedOperationException',
  message: 'this catalog is read-only',
  headers: { allow: reads },
}

function noNamespace(name: string): CatalogFault {
  return { status: 404, type: 'NoSuchNamespaceException', message: `no namespace '${name.slice(0, 100)}'` }
}

function noTable({ namespace, table }: TableName): CatalogFault {
  const message = `no table '${namespace.slice(0, 100)}.${table.slice(0, 100)}'`
  return { status: 404, type: 'NoSuchTableException', message }
}

function errorResponse(request: Request, fault: CatalogFault): Response {
  const { status, type, message, headers = {} } = fault
  return jsonResponse(request, { status, body: { error: { message, type, code: status } }, headers })
}

function oauthError(
  request: Request,
  fault: { readonly status: number; readonly error: string; readonly description: string },
): Response {
  const { status, error, description } = fault
  return jsonResponse(request, { status, body: { error, error_description: description } })
}

/** Responses carry keys and tokens, so no cache may keep them. */
function jsonResponse(
  request: Request,
  answer: {
    readonly status: number
    readonly body: object | string
    readonly headers?: Readonly<Record<string, string>>
  },
): Response {
  const { status, body, headers = {} } = answer
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return new Response(request.method === 'HEAD' ? null : text, {
    status: request.method === 'HEAD' && status === 200 ? 204 : status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  })
}
