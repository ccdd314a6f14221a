// Signs S3 requests for tests (AWS Signature V4). It shares no code with the server's verification.

import { createHash, createHmac } from 'node:crypto'
import type { LakeKeys } from '../src/lake/lake-keys.ts'

export interface SignOptions {
  readonly keys: LakeKeys
  readonly nowMs: number
  readonly method?: string
  readonly region?: string
  readonly service?: string
  readonly payloadHash?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Replaces the list of all headers of the request. */
  readonly signedHeaders?: readonly string[]
}

/** Signs the request in its headers. */
export function signedRequest(url: string, options: SignOptions): Request {
  const { keys, nowMs, method = 'GET', payloadHash = 'UNSIGNED-PAYLOAD' } = options
  const signedAt = amzDate(nowMs)
  const headers: Record<string, string> = {
    host: new URL(url).host,
    'x-amz-content-sha256': payloadHash,
    'x-amz-date': signedAt,
    ...options.headers,
  }
  const names = (options.signedHeaders ?? Object.keys(headers)).toSorted()
  const canonical = canonicalOf({ method, url, headers, names, payloadHash })
  const scope = `${signedAt.slice(0, 8)}/${options.region ?? 'eu-north-1'}/${options.service ?? 's3'}/aws4_request`
  const signature = signatureOf({ secret: keys.secretAccessKey, scope, signedAt, canonical })
  const authorization = `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return new Request(url, { method, headers: { ...headers, authorization } })
}

/** Signs the request in its query. */
export function presignedUrl(url: string, options: SignOptions & { readonly expiresSeconds: number }): string {
  const { keys, nowMs, method = 'GET', expiresSeconds } = options
  const signedAt = amzDate(nowMs)
  const scope = `${signedAt.slice(0, 8)}/${options.region ?? 'eu-north-1'}/s3/aws4_request`
  const signed = new URL(url)
  signed.searchParams.set('X-Amz-Algorithm', 'AWS4-HMAC-SHA256')
  signed.searchParams.set('X-Amz-Credential', `${keys.accessKeyId}/${scope}`)
  signed.searchParams.set('X-Amz-Date', signedAt)
  signed.searchParams.set('X-Amz-Expires', String(expiresSeconds))
  signed.searchParams.set('X-Amz-SignedHeaders', 'host')
  const headers = { host: signed.host }
  const canonical = canonicalOf({
    method,
    url: signed.href,
    headers,
    names: ['host'],
    payloadHash: 'UNSIGNED-PAYLOAD',
  })
  const signature = signatureOf({ secret: keys.secretAccessKey, scope, signedAt, canonical })
  return `${signed.href}&X-Amz-Signature=${signature}`
}

function canonicalOf(options: {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly names: readonly string[]
  readonly payloadHash: string
}): string {
  const { method, url, headers, names, payloadHash } = options
  const { pathname, searchParams } = new URL(url)
  const pairs = [...searchParams].map(([name, value]) => ({ name: escape(name), value: escape(value) }))
  pairs.sort((a, b) => (a.name === b.name ? (a.value < b.value ? -1 : 1) : a.name < b.name ? -1 : 1))
  return (
    `${method}\n${pathname}\n${pairs.map(({ name, value }) => `${name}=${value}`).join('&')}\n` +
    `${names.map((name) => `${name}:${headers[name]?.trim().replace(/ {2,}/g, ' ')}\n`).join('')}\n` +
    `${names.join(';')}\n${payloadHash}`
  )
}

function signatureOf(options: {
  readonly secret: string
  readonly scope: string
  readonly signedAt: string
  readonly canonical: string
}): string {
  const { secret, scope, signedAt, canonical } = options
  const key = scope.split('/').reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`))
  const hash = createHash('sha256').update(canonical).digest('hex')
  return hmac(key, `AWS4-HMAC-SHA256\n${signedAt}\n${scope}\n${hash}`).toString('hex')
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function amzDate(ms: number): string {
  return new Date(ms).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
}

function escape(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte)
      return /[A-Za-z0-9._~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}
