// A bucket in memory behind the protocol of S3, for tests. It accepts a request only if its signature is that of another
// implementation's, so a client that signs wrongly fails here.

import { createHash, createHmac } from 'node:crypto'

interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
}

/** Answers requests to any bucket. */
export function bucketServer(keys: Keys): (request: Request) => Promise<Response> {
  const objects = new Map<string, Stored>()
  return async (request) => {
    const body = new Uint8Array(await request.clone().arrayBuffer())
    if (!isSigned(request, keys)) return failure(403, 'SignatureDoesNotMatch')
    const url = new URL(request.url)
    const [, , ...parts] = url.pathname.split('/')
    const key = decodeURIComponent(parts.join('/'))
    if (key === '') return listing(objects, url.searchParams)
    const found = objects.get(key)
    switch (request.method) {
      case 'PUT':
        if (request.headers.get('if-none-match') === '*' && found !== undefined)
          return failure(412, 'PreconditionFailed')
        objects.set(key, { bytes: body, modifiedAt: new Date() })
        return new Response(null)
      case 'DELETE':
        objects.delete(key)
        return new Response(null, { status: 204 })
      default:
        return found === undefined ? failure(404, 'NoSuchKey') : part(found, request)
    }
  }
}

interface Stored {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly modifiedAt: Date
}

function part({ bytes, modifiedAt }: Stored, request: Request): Response {
  const headers = { 'content-length': String(bytes.length), 'last-modified': modifiedAt.toUTCString() }
  if (request.method === 'HEAD') return new Response(null, { headers })
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get('range') ?? '')
  if (range === null) return new Response(bytes, { headers })
  const [start, end] = [Number(range[1]), Number(range[2]) + 1]
  return start >= bytes.length ? failure(416, 'InvalidRange') : new Response(bytes.slice(start, end), { status: 206 })
}

function listing(objects: ReadonlyMap<string, Stored>, query: URLSearchParams): Response {
  const [prefix, after] = [query.get('prefix') ?? '', query.get('start-after') ?? '']
  // Fewer than asked for, as a server may answer.
  const max = Math.min(Number(query.get('max-keys')), 7)
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted(inBytes)
  const rows = keys
    .slice(0, max)
    .map(
      (key) =>
        `<Contents><Key>${key}</Key><LastModified>${objects.get(key)?.modifiedAt.toISOString()}</LastModified><Size>${objects.get(key)?.bytes.length}</Size></Contents>`,
    )
  const isTruncated = keys.length > max
  return new Response(`<ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>${rows.join('')}</ListBucketResult>`)
}

const inBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function failure(status: number, code: string): Response {
  return new Response(`<Error><Code>${code}</Code></Error>`, { status })
}

/** Signature Version 4, from its specification. */
function isSigned(request: Request, { accessKeyId, secretAccessKey, region }: Keys): boolean {
  const given = request.headers.get('authorization') ?? ''
  const signedHeaders = /SignedHeaders=([^,]+)/.exec(given)?.[1] ?? ''
  const at = request.headers.get('x-amz-date') ?? ''
  const scope = `${at.slice(0, 8)}/${region}/s3/aws4_request`
  const url = new URL(request.url)
  const query = [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted(inBytes)
    .join('&')
  const headers = signedHeaders
    .split(';')
    .map((name) => `${name}:${name === 'host' ? url.host : (request.headers.get(name) ?? '').trim()}\n`)
  const payload = request.headers.get('x-amz-content-sha256') ?? ''
  const path = url.pathname
    .split('/')
    .map((step) => encode(decodeURIComponent(step)))
    .join('/')
  const canonical = [request.method, path, query, headers.join(''), signedHeaders, payload].join('\n')
  const text = ['AWS4-HMAC-SHA256', at, scope, createHash('sha256').update(canonical).digest('hex')].join('\n')
  const key = [at.slice(0, 8), region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (secret, step) => createHmac('sha256', secret).update(step).digest(),
    `AWS4${secretAccessKey}`,
  )
  const signature = createHmac('sha256', key).update(text).digest('hex')
  return given.includes(`Credential=${accessKeyId}/${scope}`) && given.includes(`Signature=${signature}`)
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
}
