// An object store in a bucket of any server that speaks S3: AWS, R2, MinIO, SeaweedFS and others. Requests are signed
// (Signature Version 4), and a request whose server fails is sent again a few times.

import { AwsV4Signer } from 'aws4fetch'
import { checkKey, type ByteRange, type ObjectStore, type StoredObject } from './object-store.ts'

export interface SignedRequest {
  readonly method: string
  readonly headers: Headers
  readonly body?: Uint8Array<ArrayBuffer>
  /** Ends the request, and the arrival of its answer. */
  readonly signal: AbortSignal
}

export interface S3BucketOptions {
  /** `https://s3.example.com`, without a path. */
  readonly endpoint: string
  readonly bucket: string
  /** Put before each key; empty, or ends with `/`. */
  readonly prefix: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  /** Sends a signed request. */
  readonly fetch: (url: string, init: SignedRequest) => Promise<Response>
  /** The limit of time for an answer with its body. Set only by tests. */
  readonly answerMsMax?: number
}

/** The waits before a request is sent again, in ms. */
const againAfterMs = [100, 400, 1_600]
/** A server that accepts a request and never answers must not hold a flush. Files have at most some 24 MB. */
const answerMsMaxDefault = 30_000
/** Limits the pages of one listing, whatever a server answers. */
const pagesMax = 1_000
/** A Worker has six connections. */
const deletedAtOnce = 6

export class S3ObjectStore implements ObjectStore {
  readonly #options: S3BucketOptions

  constructor(options: S3BucketOptions) {
    this.#options = options
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    checkKey(key)
    if (range !== undefined && range.end <= range.start)
      return (await this.head(key)) === undefined ? undefined : new Uint8Array(0)
    const headers = range === undefined ? {} : { range: `bytes=${range.start}-${range.end - 1}` }
    const response = await this.#send('GET', key, { headers })
    if (response.status === 416) {
      await response.body?.cancel()
      return new Uint8Array(0)
    }
    if (await isMissing(response)) return undefined
    await requireOk(response, `get '${key}'`)
    const bytes = new Uint8Array(await response.arrayBuffer())
    // Some servers answer a range of an empty object, or of all of it, with the whole object.
    return range !== undefined && response.status === 200 ? bytes.slice(range.start, range.end) : bytes
  }

  async head(key: string): Promise<number | undefined> {
    return (await this.stat(key))?.bytes
  }

  async stat(key: string): ReturnType<ObjectStore['stat']> {
    checkKey(key)
    const response = await this.#send('HEAD', key, {})
    if (response.status === 404) return undefined
    await requireOk(response, `head '${key}'`)
    const length = response.headers.get('content-length')
    if (length === null) throw new Error(`head '${key}': the answer has no length`)
    const modifiedMs = Date.parse(response.headers.get('last-modified') ?? '')
    return { bytes: Number(length), modifiedMs: Number.isNaN(modifiedMs) ? 0 : modifiedMs }
  }

  async put(key: string, bytes: Uint8Array, options: { readonly ifAbsent: boolean }): Promise<boolean> {
    checkKey(key)
    const headers = options.ifAbsent ? { 'if-none-match': '*' } : {}
    const response = await this.#send('PUT', key, { headers, body: bytes.slice() })
    // A conflict is another writer of the same key, who has not lost.
    if (options.ifAbsent && (response.status === 412 || response.status === 409)) {
      await response.body?.cancel()
      return false
    }
    await requireOk(response, `put '${key}'`)
    await response.body?.cancel()
    return true
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) checkKey(key)
    for (let start = 0; start < keys.length; start += deletedAtOnce)
      await Promise.all(keys.slice(start, start + deletedAtOnce).map((key) => this.#deleteOne(key)))
  }

  async #deleteOne(key: string): Promise<void> {
    const response = await this.#send('DELETE', key, {})
    if (!(await isMissing(response))) await requireOk(response, `delete '${key}'`)
    await response.body?.cancel()
  }

  async list(options: {
    readonly prefix: string
    readonly after?: string
    readonly limit: number
  }): ReturnType<ObjectStore['list']> {
    const { limit } = options
    const { prefix } = this.#options
    const objects: StoredObject[] = []
    // A server may return fewer objects than asked for although there are more.
    let after = options.after ?? ''
    for (let pages = 1; ; pages++) {
      const query = new URLSearchParams({
        'list-type': '2',
        prefix: prefix + options.prefix,
        'max-keys': String(limit - objects.length),
        ...(after === '' ? {} : { 'start-after': prefix + after }),
      })
      const response = await this.#send('GET', '', { query })
      await requireOk(response, `list '${options.prefix}'`)
      const page = parseListing(await response.text())
      for (const { key, ...found } of page.objects)
        if (key.startsWith(prefix)) objects.push({ key: key.slice(prefix.length), ...found })
      after = objects.at(-1)?.key ?? after
      if (!page.hasMore || page.objects.length === 0 || objects.length >= limit)
        return { objects, hasMore: page.hasMore }
      if (pages === pagesMax) throw new Error(`list '${options.prefix}': ${pagesMax} pages did not fill a listing`)
    }
  }

  /** Does nothing: a server of S3 acknowledges a put once it is durable. */
  async sync(): Promise<void> {}

  async #send(
    method: 'GET' | 'HEAD' | 'PUT' | 'DELETE',
    key: string,
    {
      headers = {},
      body,
      query,
    }: {
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: Uint8Array<ArrayBuffer>
      readonly query?: URLSearchParams
    },
  ): Promise<Response> {
    const {
      endpoint,
      bucket,
      prefix,
      fetch,
      answerMsMax = answerMsMaxDefault,
      accessKeyId,
      secretAccessKey,
      sessionToken,
      region,
    } = this.#options
    const token = sessionToken === undefined ? {} : { sessionToken }
    const proof = { accessKeyId, secretAccessKey, ...token, region, service: 's3' }
    const path = key === '' ? '' : `/${prefix}${key}`
    const url = `${endpoint}/${bucket}${path}${query === undefined ? '' : `?${query.toString()}`}`
    for (let attempt = 0; ; attempt++) {
      const waitMs = againAfterMs[attempt]
      try {
        // Signed again for each attempt, since a signature has a time.
        const signed = await new AwsV4Signer({ ...proof, url, method, headers: { ...headers } }).sign()
        const signal = AbortSignal.timeout(answerMsMax)
        const init = { method, headers: signed.headers, signal, ...(body === undefined ? {} : { body }) }
        const response = await fetch(signed.url.toString(), init)
        if (waitMs === undefined || (response.status < 500 && response.status !== 429)) return response
        await response.body?.cancel()
      } catch (error) {
        // A server that did not answer once would make the caller wait as long again.
        if (waitMs === undefined || isTimeout(error)) throw error
      }
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError'
}

/** A bucket that is missing is a failure: nobody may take it for a bucket without objects. */
async function isMissing(response: Response): Promise<boolean> {
  if (response.status !== 404) return false
  const text = await response.text()
  if (text.includes('NoSuchBucket')) throw new Error(`the bucket does not exist: ${text.slice(0, 300)}`)
  return true
}

async function requireOk(response: Response, what: string): Promise<void> {
  if (response.ok) return
  throw new Error(`${what}: ${response.status} ${(await response.text()).slice(0, 500)}`)
}

/** Keys have only characters that XML does not escape. */
function parseListing(xml: string): { readonly objects: readonly StoredObject[]; readonly hasMore: boolean } {
  if (!xml.includes('<ListBucketResult')) throw new Error(`list: expected a listing, got ${xml.slice(0, 300)}`)
  const objects = [...xml.matchAll(/<Contents>([^]*?)<\/Contents>/g)].map(([, part = '']) => {
    const [key, size] = [/<Key>([^<]*)<\/Key>/.exec(part)?.[1], /<Size>(\d+)<\/Size>/.exec(part)?.[1]]
    if (key === undefined || size === undefined)
      throw new Error(`list: an object has no key or size: ${part.slice(0, 300)}`)
    const modifiedMs = Date.parse(/<LastModified>([^<]*)<\/LastModified>/.exec(part)?.[1] ?? '')
    return { key, bytes: Number(size), modifiedMs: Number.isNaN(modifiedMs) ? 0 : modifiedMs }
  })
  return { objects, hasMore: /<IsTruncated>true<\/IsTruncated>/i.test(xml) }
}
