// Verifies AWS Signature Version 4 for S3: a request without a body, signed in its headers or in its query
// (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html). Any region is accepted.

import { bytesToHex } from 'digital-objects'

export type SignatureFault =
  | 'AccessDenied'
  | 'AuthorizationHeaderMalformed'
  | 'AuthorizationQueryParametersError'
  | 'InvalidAccessKeyId'
  | 'InvalidArgument'
  | 'RequestTimeTooSkewed'
  | 'SignatureDoesNotMatch'

export type SignatureCheck =
  | { readonly ok: true; readonly accessKeyId: string }
  | { readonly ok: false; readonly code: SignatureFault; readonly message: string }

export interface SignatureOptions {
  readonly request: Request
  readonly nowMs: number
  /** Resolves to undefined for an unknown id. */
  readonly secretOf: (accessKeyId: string) => Promise<string | undefined>
}

/** The parts of a signature, from the headers or the query. */
interface Claim {
  readonly accessKeyId: string
  /** The parts of `20130524/us-east-1/s3/aws4_request`. */
  readonly scope: { readonly date: string; readonly region: string; readonly service: string }
  /** Such as `20130524T000000Z`. */
  readonly signedAt: string
  /** Absent if the request is signed in its headers. */
  readonly expiresSeconds: number | undefined
  readonly signedHeaders: readonly string[]
  readonly signature: Uint8Array<ArrayBuffer>
  readonly payloadHash: string
}

type Refusal = Extract<SignatureCheck, { ok: false }>

const algorithm = 'AWS4-HMAC-SHA256'
const skewMsMax = 15 * 60_000 // S3's limit
const expiresSecondsMax = 7 * 24 * 60 * 60 // S3's limit
const signedHeadersMax = 50
const unsignedPayload = 'UNSIGNED-PAYLOAD'
/** SHA-256 of an empty payload. */
const emptyPayload = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** Accepts only requests without a body: the payload's hash must be that of no bytes, or unsigned. */
export async function verifySignatureV4(options: SignatureOptions): Promise<SignatureCheck> {
  const { request, nowMs, secretOf } = options
  const url = new URL(request.url)
  const claim = parseClaim(request.headers, url.searchParams)
  if ('ok' in claim) return claim
  const refusal = checkClaim(claim, request.headers) ?? checkTime(claim, nowMs)
  if (refusal !== undefined) return refusal

  const secret = await secretOf(claim.accessKeyId)
  if (secret === undefined)
    return refuse('InvalidAccessKeyId', 'The access key id you provided does not exist in our records.')
  const { date, region, service } = claim.scope
  const canonical = canonicalRequest({ method: request.method, url, headers: request.headers, claim })
  const stringToSign = [
    algorithm,
    claim.signedAt,
    `${date}/${region}/${service}/aws4_request`,
    toHex(await crypto.subtle.digest('SHA-256', utf8(canonical))),
  ].join('\n')
  let signingKey = await hmacKey(utf8(`AWS4${secret}`))
  for (const part of [date, region, service, 'aws4_request'])
    signingKey = await hmacKey(await crypto.subtle.sign('HMAC', signingKey, utf8(part)))
  // `verify` compares in constant time.
  return (await crypto.subtle.verify('HMAC', signingKey, claim.signature, utf8(stringToSign)))
    ? { ok: true, accessKeyId: claim.accessKeyId }
    : refuse(
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      )
}

function parseClaim(headers: Headers, query: URLSearchParams): Claim | Refusal {
  const authorization = headers.get('authorization')
  if (authorization === null) return query.has('X-Amz-Signature') ? parseQueryClaim(query, headers) : anonymous
  if (query.has('X-Amz-Signature'))
    return refuse('InvalidArgument', 'Only one auth mechanism allowed: the query or the Authorization header.')
  const match = /^AWS4-HMAC-SHA256\s+(.+)$/.exec(authorization)
  const parts = new Map(
    (match?.[1] ?? '').split(',').map((part) => {
      const [name = '', ...value] = part.trim().split('=')
      return [name, value.join('=')]
    }),
  )
  const credential = parseCredential(parts.get('Credential') ?? '')
  const signature = parseHex(parts.get('Signature') ?? '')
  const signedAt = headers.get('x-amz-date')
  if (credential === undefined || signature === undefined)
    return refuse('AuthorizationHeaderMalformed', `The authorization header is not one of ${algorithm}.`)
  if (signedAt === null) return refuse('AccessDenied', 'A signed request needs a valid x-amz-date header.')
  return {
    ...credential,
    signedAt,
    expiresSeconds: undefined,
    signedHeaders: (parts.get('SignedHeaders') ?? '').split(';'),
    signature,
    payloadHash: headers.get('x-amz-content-sha256') ?? emptyPayload,
  }
}

const anonymous = refuse('AccessDenied', 'Access Denied: the request is not signed.')

function parseQueryClaim(query: URLSearchParams, headers: Headers): Claim | Refusal {
  const credential = parseCredential(query.get('X-Amz-Credential') ?? '')
  const signature = parseHex(query.get('X-Amz-Signature') ?? '')
  const expires = query.get('X-Amz-Expires') ?? ''
  const expiresSeconds = /^\d{1,6}$/.test(expires) ? Number(expires) : 0
  const isWhole =
    query.get('X-Amz-Algorithm') === algorithm && expiresSeconds >= 1 && expiresSeconds <= expiresSecondsMax
  if (credential === undefined || signature === undefined || !isWhole)
    return refuse('AuthorizationQueryParametersError', `The query does not hold a whole ${algorithm} signature.`)
  return {
    ...credential,
    signedAt: query.get('X-Amz-Date') ?? '',
    expiresSeconds,
    signedHeaders: (query.get('X-Amz-SignedHeaders') ?? '').split(';'),
    signature,
    payloadHash: query.get('X-Amz-Content-Sha256') ?? headers.get('x-amz-content-sha256') ?? unsignedPayload,
  }
}

function parseCredential(text: string): Pick<Claim, 'accessKeyId' | 'scope'> | undefined {
  const [accessKeyId = '', date = '', region = '', service = '', end, ...rest] = text.split('/')
  const isWhole = accessKeyId !== '' && /^\d{8}$/.test(date) && end === 'aws4_request' && rest.length === 0
  return isWhole ? { accessKeyId, scope: { date, region, service } } : undefined
}

function checkClaim(claim: Claim, headers: Headers): Refusal | undefined {
  const { scope, signedHeaders, payloadHash, signedAt } = claim
  if (scope.service !== 's3')
    return refuse(
      'AuthorizationHeaderMalformed',
      `The credential is for '${scope.service.slice(0, 32)}', not for 's3'.`,
    )
  if (!signedAt.startsWith(scope.date))
    return refuse('SignatureDoesNotMatch', 'The date of the credential is not the date of the request.')
  if (payloadHash !== emptyPayload && payloadHash !== unsignedPayload)
    return refuse('InvalidArgument', 'x-amz-content-sha256 must be UNSIGNED-PAYLOAD or the SHA-256 of no bytes.')
  if (!signedHeaders.includes('host') || signedHeaders.length > signedHeadersMax)
    return refuse('AccessDenied', 'The host header must be among the signed headers.')
  // Unsigned x-amz headers could be added on the way, and they change what S3 does.
  const unsigned = [...headers.keys()].filter((name) => name.startsWith('x-amz-') && !signedHeaders.includes(name))
  if (unsigned.length > 0)
    return refuse('AccessDenied', `There were headers present in the request which were not signed: ${unsigned[0]}`)
  return undefined
}

function checkTime(claim: Claim, nowMs: number): Refusal | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(claim.signedAt)
  const [, year, month, day, hour, minute, second] = match ?? []
  const signedMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(signedMs)) return refuse('AccessDenied', 'A signed request needs a valid date, as 20130524T000000Z.')
  const isAhead = signedMs - nowMs > skewMsMax
  if (claim.expiresSeconds === undefined) {
    return isAhead || nowMs - signedMs > skewMsMax
      ? refuse('RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.')
      : undefined
  }
  if (isAhead) return refuse('AccessDenied', 'Request is not yet valid.')
  return nowMs - signedMs > claim.expiresSeconds * 1000 ? refuse('AccessDenied', 'Request has expired.') : undefined
}

function canonicalRequest(options: {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  readonly claim: Claim
}): string {
  const { method, url, headers, claim } = options
  const query = [...url.searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encodeUri(name), encodeUri(value)] as const)
    .sort(([nameA, valueA], [nameB, valueB]) => compareCodeUnits(nameA, nameB) || compareCodeUnits(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
  const lines = claim.signedHeaders.map((name) => {
    const value = headers.get(name) ?? (name === 'host' ? url.host : '')
    return `${name}:${value.trim().replaceAll(/ +/g, ' ')}\n`
  })
  return [
    method,
    // S3 alone among AWS's services encodes the path once and does not normalize it further.
    url.pathname
      .split('/')
      .map((segment) => encodeUri(decodeUri(segment)))
      .join('/'),
    query.join('&'),
    lines.join(''),
    claim.signedHeaders.join(';'),
    claim.payloadHash,
  ].join('\n')
}

/** Percent-encodes every byte but `A-Za-z0-9-._~`, in upper case. */
export function encodeUri(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** Returns the string unchanged if it is not percent-encoded UTF-8. */
export function decodeUri(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    return text
  }
}

function refuse(code: SignatureFault, message: string): Refusal {
  return { ok: false, code, message }
}

function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function hmacKey(bytes: BufferSource): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function toHex(buffer: ArrayBuffer): string {
  return bytesToHex(new Uint8Array(buffer))
}

/** Parses the 32 bytes of a signature. */
function parseHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[0-9a-f]{64}$/.test(text)) return undefined
  const bytes = new Uint8Array(32)
  for (let at = 0; at < 32; at++) bytes[at] = Number.parseInt(text.slice(at * 2, at * 2 + 2), 16)
  return bytes
}
