// The Iceberg REST catalog of a tenant, to be read only: one namespace with the table of its events
// (apache/iceberg, open-api/rest-catalog-open-api.yaml). It lends the keys with which the table's files are read.

import { unreachable } from 'digital-objects'
import type { ObjectStore } from '@dotdo/db'
import { parseCatalogRoute, type TableName } from './catalog-route.ts'
import { isTenantSlug } from '../tenant-slug.ts'
import { lakeKeysOf } from './lake-keys.ts'
import { isLakeToken, issueToken, tenantOfToken, tokenSeconds } from './lake-token.ts'
import { lakeRegion } from './s3-face.ts'
import { readCurrentMetadata } from './current-metadata.ts'

export interface CatalogOptions {
  readonly store: Pick<ObjectStore, 'get' | 'head'>
  /** That of the S3 face. */
  readonly bucket: string
  readonly serverSecret: string
  readonly nowMs: number
  /** Where clients reach the S3 face, as `https://example.com`. */
  readonly origin: string
  /** Whether a request that brings no token of ours may read the tenant, and so be lent its keys. */
  readonly authorize: (request: Request, tenant: string) => Promise<boolean>
}

export const lakeNamespace = 'headlessly'
export const lakeTable = 'events'

const formBytesMax = 8192 // of a request for a token
const reads = 'GET, HEAD'

/** What a client may ask for, in the specification's words. */
const endpoints = [
  'GET /v1/{prefix}/namespaces',
  'GET /v1/{prefix}/namespaces/{namespace}',
  'HEAD /v1/{prefix}/namespaces/{namespace}',
  'GET /v1/{prefix}/namespaces/{namespace}/tables',
  'GET /v1/{prefix}/namespaces/{namespace}/tables/{table}',
  'HEAD /v1/{prefix}/namespaces/{namespace}/tables/{table}',
]

/** For every request below `/iceberg/{tenant}`, whatever its method. */
export async function catalogResponse(request: Request, options: CatalogOptions): Promise<Response> {
  const { tenant, route } = parseCatalogRoute(new URL(request.url).pathname)
  const refuse = (fault: CatalogFault): Response => errorResponse(request, fault)
  if (!isTenantSlug(tenant) || route.kind === 'unknown')
    return refuse({ status: 404, type: 'NotFoundException', message: 'there is nothing at this path' })
  if (route.kind === 'token') {
    return request.method === 'POST'
      ? tokenResponse(request, { ...options, tenant })
      : refuse({ ...readOnly, headers: { allow: 'POST' } })
  }
  if (!(await isAuthorized(request, { ...options, tenant }))) {
    const message = 'this catalog wants a token that belongs to its tenant'
    return refuse({ status: 401, type: 'NotAuthorizedException', message, headers: { 'www-authenticate': 'Bearer' } })
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(readOnly)

  const respond = (body: object | string): Response => jsonResponse(request, { status: 200, body })
  switch (route.kind) {
    case 'config':
      return respond({ defaults: {}, overrides: {}, endpoints })
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
      const isThere = (await readCurrentMetadata({ ...options, tenant, table: lakeTable })) !== undefined
      return respond({ identifiers: isThere ? [{ namespace: [lakeNamespace], name: lakeTable }] : [] })
    }
    case 'table': {
      const loaded = await loadTable(route, { ...options, tenant })
      return loaded === undefined ? refuse(noTable(route)) : respond(loaded)
    }
    default:
      return unreachable(route)
  }
}

async function isAuthorized(request: Request, options: CatalogOptions & { readonly tenant: string }): Promise<boolean> {
  const { authorize, serverSecret, nowMs, tenant } = options
  const [, token = ''] = /^Bearer\s+(\S+)$/i.exec(request.headers.get('authorization')?.trim() ?? '') ?? []
  // A token of ours decides by itself, so that one that is over is not mended by the rule for everyone.
  return isLakeToken(token)
    ? (await tenantOfToken({ serverSecret, token, nowMs })) === tenant
    : authorize(request, tenant)
}

/** The answer of loadTable, as text: the metadata goes into it as it is stored. */
async function loadTable(
  name: TableName,
  options: CatalogOptions & { readonly tenant: string },
): Promise<string | undefined> {
  const { store, bucket, origin, serverSecret, tenant } = options
  if (name.namespace !== lakeNamespace || name.table !== lakeTable) return undefined
  const metadata = await readCurrentMetadata({ store, tenant, table: name.table })
  if (metadata === undefined) return undefined
  const keys = await lakeKeysOf({ serverSecret, tenant })
  const config = {
    // ClickHouse puts the bucket right behind it, so that it must end in a slash.
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

/** Client credentials for a token (RFC 6749, 4.4); parameters are in the body, or in the query as ClickHouse may. */
async function tokenResponse(
  request: Request,
  options: CatalogOptions & { readonly tenant: string },
): Promise<Response> {
  const { serverSecret, nowMs, tenant } = options
  const form = await readForm(request)
  if (form?.get('grant_type') !== 'client_credentials')
    return oauthError(request, 400, 'unsupported_grant_type', 'grant_type is to be client_credentials')
  const accessKeyId = form.get('client_id') ?? ''
  const secretAccessKey = form.get('client_secret') ?? ''
  const token = await issueToken({ serverSecret, accessKeyId, secretAccessKey, nowMs })
  if (token === undefined || (await tenantOfToken({ serverSecret, token, nowMs })) !== tenant)
    return oauthError(request, 401, 'invalid_client', 'client_id and client_secret are no keys of this tenant')
  const body = {
    access_token: token,
    token_type: 'bearer',
    expires_in: tokenSeconds,
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    scope: form.get('scope')?.slice(0, 256) ?? '',
  }
  return jsonResponse(request, { status: 200, body })
}

/** Query, body and HTTP Basic as one form; undefined when the body is too large. */
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
  // Keys of ours are letters, digits, `_` and `-`, which need no decoding; whatever else this reads is no key.
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
    return '' // what is no Base64 holds no keys
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
  message: 'this catalog is to be read only',
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

function oauthError(request: Request, status: number, error: string, description: string): Response {
  return jsonResponse(request, { status, body: { error, error_description: description } })
}

/** Answers carry keys and tokens: nobody keeps them. */
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
