import { describe, expect, test } from 'vitest'
import { presignedUrl, signedRequest, type SignOptions } from '../../test/sign-request.ts'
import { type SignatureCheck, verifySignatureV4 } from './signature-v4.ts'

const nowMs = Date.UTC(2026, 10, 24, 12)
const minuteMs = 60_000
const keys = { accessKeyId: 'HLYacme', secretAccessKey: 'a-secret' }
const url = 'http://127.0.0.1:8787/lake/acme/events/data/dt%3D1/x.csv?b=2&a-b=x&a=%C3%A9+z&a=%27%28%2A%21'

function verify(request: Request, at = nowMs): Promise<SignatureCheck> {
  return verifySignatureV4({
    request,
    nowMs: at,
    secretOf: async (id) => (id === keys.accessKeyId ? keys.secretAccessKey : undefined),
  })
}

async function codeOf(request: Request, at = nowMs): Promise<string> {
  const check = await verify(request, at)
  return check.ok ? 'ok' : check.code
}

function sign(options: Partial<SignOptions> = {}): Request {
  return signedRequest(url, { keys, nowMs, ...options })
}

function changed(request: Request, options: { readonly url?: string; readonly headers?: object }): Request {
  const headers = new Headers(request.headers)
  for (const [name, value] of Object.entries(options.headers ?? {})) headers.set(name, String(value))
  return new Request(options.url ?? request.url, { method: request.method, headers })
}

/** docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and sigv4-query-string-auth.html */
describe("AWS's own examples", () => {
  const host = 'examplebucket.s3.amazonaws.com'
  const exampleMs = Date.UTC(2013, 4, 24)
  const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  const credential = 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request'
  const secretOf = async (): Promise<string> => 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
  const example = (path: string, headers: Readonly<Record<string, string>>): Promise<SignatureCheck> =>
    verifySignatureV4({ request: new Request(`https://${host}${path}`, { headers }), nowMs: exampleMs, secretOf })

  test.each([
    [
      'GET Object',
      '/test.txt',
      'host;range;x-amz-content-sha256;x-amz-date',
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ],
    [
      'GET Bucket Lifecycle',
      '/?lifecycle',
      'host;x-amz-content-sha256;x-amz-date',
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    ],
    [
      'List Objects',
      '/?max-keys=2&prefix=J',
      'host;x-amz-content-sha256;x-amz-date',
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ],
  ])('%s', async (_, path, signedHeaders, signature) => {
    const headers = {
      host,
      range: 'bytes=0-9',
      'x-amz-content-sha256': emptyHash,
      'x-amz-date': '20130524T000000Z',
      authorization: `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${signedHeaders},Signature=${signature}`,
    }
    expect(await example(path, headers)).toEqual({ ok: true, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' })
    expect(await example(`${path}x`, headers)).toMatchObject({ ok: false, code: 'SignatureDoesNotMatch' })
  })

  test('a presigned URL', async () => {
    const path =
      `/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(credential)}` +
      '&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
      '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404'
    expect(await example(path, { host })).toEqual({ ok: true, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' })
    expect(await example(path.replace('86400', '86401'), { host })).toMatchObject({ code: 'SignatureDoesNotMatch' })
  })
})

describe('a request signed in its headers', () => {
  test('is accepted for any region, with the hash of an empty payload or none', async () => {
    const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    expect(await verify(sign())).toEqual({ ok: true, accessKeyId: 'HLYacme' })
    expect(await verify(sign({ region: 'auto', method: 'HEAD', payloadHash: emptyHash }))).toMatchObject({ ok: true })
  })

  test('is refused if any signed part changes', async () => {
    const request = sign({ headers: { range: 'bytes=0-9' } })
    expect(await codeOf(request)).toBe('ok')
    const others = [
      changed(request, { url: url.replace('x.csv', 'y.csv') }),
      changed(request, { url: url.replace('b=2', 'b=3') }),
      changed(request, { url: `${url}&c=1` }),
      changed(request, { headers: { range: 'bytes=0-10' } }),
      changed(request, { headers: { host: 'example.com' } }),
      new Request(url, { method: 'HEAD', headers: request.headers }),
      sign({ keys: { ...keys, secretAccessKey: 'another' } }),
    ]
    expect(await Promise.all(others.map((other) => codeOf(other)))).toEqual(others.map(() => 'SignatureDoesNotMatch'))
  })

  test('is refused with an unknown key', async () => {
    expect(await codeOf(sign({ keys: { ...keys, accessKeyId: 'HLYnobody' } }))).toBe('InvalidAccessKeyId')
  })

  test('is refused if its time is off by more than 15 minutes, or missing', async () => {
    expect(await codeOf(sign(), nowMs + 15 * minuteMs)).toBe('ok')
    expect(await codeOf(sign(), nowMs + 16 * minuteMs)).toBe('RequestTimeTooSkewed')
    expect(await codeOf(sign(), nowMs - 16 * minuteMs)).toBe('RequestTimeTooSkewed')
    expect(await codeOf(changed(sign(), { headers: { 'x-amz-date': '20261124T250000Z' } }))).toBe('AccessDenied')
    expect(await codeOf(changed(sign(), { headers: { 'x-amz-date': '20261123T120000Z' } }))).toBe(
      'SignatureDoesNotMatch',
    )
  })

  test('must sign its host and every x-amz header', async () => {
    expect(await codeOf(sign({ signedHeaders: ['x-amz-content-sha256', 'x-amz-date'] }))).toBe('AccessDenied')
    expect(await codeOf(changed(sign(), { headers: { 'x-amz-acl': 'private' } }))).toBe('AccessDenied')
  })

  test('must be for S3 and have no body', async () => {
    expect(await codeOf(sign({ service: 'iam' }))).toBe('AuthorizationHeaderMalformed')
    expect(await codeOf(sign({ payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' }))).toBe('InvalidArgument')
  })

  test.each(['Bearer x', 'AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA256 Credential=a/b/c/s3/aws4_request', 'AWS HLYacme:x', ''])(
    'is refused with an invalid signature header: %s',
    async (authorization) => {
      const request = new Request(url, { headers: { authorization, 'x-amz-date': '20261124T120000Z' } })
      expect(await codeOf(request)).toBe('AuthorizationHeaderMalformed')
    },
  )

  test('is refused without a signature', async () => {
    expect(await codeOf(new Request(url))).toBe('AccessDenied')
  })
})

describe('a request signed in its query', () => {
  const presigned = presignedUrl(url, { keys, nowMs, expiresSeconds: 60 })

  test('is accepted until it expires', async () => {
    expect(await codeOf(new Request(presigned), nowMs + minuteMs)).toBe('ok')
    expect(await codeOf(new Request(presigned), nowMs + minuteMs + 1000)).toBe('AccessDenied')
    expect(await codeOf(new Request(presigned), nowMs - 16 * minuteMs)).toBe('AccessDenied')
  })

  test('is refused if any signed part changes', async () => {
    expect(await codeOf(new Request(presigned.replace('x.csv', 'y.csv')))).toBe('SignatureDoesNotMatch')
    expect(await codeOf(new Request(presigned.replace('Expires=60', 'Expires=61')))).toBe('SignatureDoesNotMatch')
    expect(await codeOf(new Request(presigned, { headers: { 'x-amz-acl': 'private' } }))).toBe('AccessDenied')
  })

  test('is refused if it is valid for more than a week, or signed twice', async () => {
    const long = presignedUrl(url, { keys, nowMs, expiresSeconds: 604_801 })
    expect(await codeOf(new Request(long))).toBe('AuthorizationQueryParametersError')
    const twice = new Request(presigned, { headers: { authorization: 'AWS4-HMAC-SHA256 x' } })
    expect(await codeOf(twice)).toBe('InvalidArgument')
  })
})
