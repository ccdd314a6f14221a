// A read-only bucket of the object store for S3 clients: path-style, signed requests, and each tenant's key opens only
// the tenant's own keys (docs.aws.amazon.com/AmazonS3/latest/API).

import { checkKey, type ObjectStore } from '@dotdo/db'
import { holderOfKey, type LakeHolder, lakeKeysOf } from './lake-keys.ts'
import { listPage, pageToXml, parseListingQuery } from './s3-listing.ts'
import { s3ObjectResponse } from './s3-object.ts'
import { type S3ErrorCode, s3ErrorResponse, s3XmlResponse } from './s3-xml.ts'
import { decodeUri, verifySignatureV4 } from './signature-v4.ts'

export interface S3FaceOptions {
  readonly store: Pick<ObjectStore, 'get' | 'stat' | 'list'>
  /** The first segment of the path. Clients do not accept a bucket name with fewer than three characters. */
  readonly bucket: string
  readonly serverSecret: string
  readonly nowMs: number
  /** Whether the holder of keys may read everything of the tenant now. */
  readonly mayRead: (holder: LakeHolder) => Promise<boolean>
}

/** The region that clients assume by default. Signatures for any other region are accepted too. */
export const lakeRegion = 'us-east-1'

/** Parameters of a listing. Any other parameter names an unsupported operation. */
const listingParameters = new Set([
  'list-type',
  'prefix',
  'delimiter',
  'continuation-token',
  'start-after',
  'marker',
  'max-keys',
  'encoding-type',
  'fetch-owner',
])

/** Answers every request below `/{bucket}`, whatever its method. */
export async function s3Response(request: Request, options: S3FaceOptions): Promise<Response> {
  const { store, bucket, serverSecret, nowMs, mayRead } = options
  const refuse = (code: S3ErrorCode, message: string, headers: Readonly<Record<string, string>> = {}): Response =>
    s3ErrorResponse({ code, message, request, headers })
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return refuse('MethodNotAllowed', 'The lake is read-only.', { allow: 'GET, HEAD' })

  const check = await verifySignatureV4({
    request,
    nowMs,
    secretOf: async (accessKeyId) => {
      const holder = holderOfKey(accessKeyId)
      return holder === undefined ? undefined : (await lakeKeysOf({ serverSecret, ...holder })).secretAccessKey
    },
  })
  if (!check.ok) return refuse(check.code, check.message)
  const holder = holderOfKey(check.accessKeyId)
  if (holder === undefined || !(await mayRead(holder)))
    return refuse('AccessDenied', 'The holder of this key may not read everything of the tenant any more.')

  const { pathname, searchParams } = new URL(request.url)
  const [, first = '', ...segments] = pathname.split('/')
  if (decodeUri(first) !== bucket) return refuse('NoSuchBucket', `The only bucket is '${bucket}'.`)
  const key = segments.map(decodeUri).join('/')
  const home = `${holder.tenant}/`
  const names = [...searchParams.keys()].filter((name) => name !== 'x-id' && !/^X-Amz-/i.test(name))

  if (key !== '') {
    if (names.length > 0) return refuse('NotImplemented', `'${names[0]?.slice(0, 64)}' of an object is not offered.`)
    if (!key.startsWith(home)) return refuse('AccessDenied', `This key reads what begins with '${home}'.`)
    if (!isKey(key)) return refuse('NoSuchKey', 'The specified key does not exist.')
    return s3ObjectResponse(request, { store, key })
  }
  // The bucket itself, which every key may see: the response reveals nothing about its content.
  if (request.method === 'HEAD') return new Response(null, { headers: { 'x-amz-bucket-region': lakeRegion } })
  // an empty constraint is S3's name for us-east-1
  if (names.length === 1 && names[0] === 'location') return s3XmlResponse({ name: 'LocationConstraint', content: '' })
  const unknown = names.find((name) => !listingParameters.has(name))
  if (unknown !== undefined) return refuse('NotImplemented', `'${unknown.slice(0, 64)}' of a bucket is not offered.`)

  const query = parseListingQuery(searchParams)
  if (query === undefined) return refuse('InvalidArgument', 'max-keys or continuation-token is invalid.')
  if (!query.prefix.startsWith(home)) return refuse('AccessDenied', `This key lists what begins with '${home}'.`)
  // Do not ask the store about a prefix that no key can have.
  const folder = query.prefix.slice(0, query.prefix.lastIndexOf('/'))
  const page = isKey(folder) ? await listPage(store, query) : { objects: [], commonPrefixes: [], next: undefined }
  return page === undefined
    ? refuse('SlowDown', 'The keys changed during the listing; please retry.')
    : s3XmlResponse(pageToXml(bucket, query, page))
}

function isKey(text: string): boolean {
  try {
    checkKey(text)
    return true
  } catch {
    return false // isKey throws only for an invalid key
  }
}
