// The KV namespace of the embedded server: the service that workerd's binding calls over HTTP. It holds values in memory,
// up to a number of bytes, and keeps Cloudflare's limits, so that what works here works there.

import { LruCache } from '@dotdo/db'

interface Entry {
  readonly value: ArrayBuffer
  readonly untilMs: number
  readonly writtenMs: number
}

/** The isolate of the Worker caches answers and files itself, so this is small. */
const bytesMax = 8 * 2 ** 20
const keyBytesMax = 512
const valueBytesMax = 25 * 2 ** 20
const lifeSecondsMin = 60
/** The least time between two writes of a key. */
const writeMs = 1_000
/** Approximate bytes of an entry beside its key and value. */
const entryBytes = 200

/** Gets, puts and deletes. Lists and reads of many keys at once answer 501. */
export function makeKv(now: () => number): { fetch(request: Request): Promise<Response> } {
  const entries = new LruCache<Entry>(bytesMax)
  const live = (key: string): Entry | undefined => {
    const entry = entries.get(key)
    return entry !== undefined && now() < entry.untilMs ? entry : undefined
  }
  const put = async (key: string, request: Request, life: string | null): Promise<Response> => {
    if (life !== null && !(Number(life) >= lifeSecondsMin))
      return refusal(400, `expiration_ttl is at least ${lifeSecondsMin}, got ${life}`)
    const value = await request.arrayBuffer()
    if (value.byteLength > valueBytesMax) return refusal(413, `a value has at most ${valueBytesMax} bytes`)
    const writtenMs = now()
    if (writtenMs - (live(key)?.writtenMs ?? Number.NEGATIVE_INFINITY) < writeMs)
      return refusal(429, 'a key is written at most once a second')
    const untilMs = life === null ? Number.POSITIVE_INFINITY : writtenMs + Number(life) * 1_000
    entries.set(key, { value, untilMs, writtenMs }, key.length + value.byteLength + entryBytes)
    return new Response()
  }
  return {
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url)
      const key = decodeURIComponent(pathname.slice(1))
      if (searchParams.has('expiration') || key === '' || request.method === 'POST')
        return refusal(501, 'not supported')
      if (new TextEncoder().encode(key).length > keyBytesMax)
        return refusal(414, `a key has at most ${keyBytesMax} bytes`)
      switch (request.method) {
        case 'GET': {
          const entry = live(key)
          return entry === undefined ? refusal(404, 'no such key') : new Response(entry.value)
        }
        case 'PUT':
          return put(key, request, searchParams.get('expiration_ttl'))
        case 'DELETE':
          entries.delete(key)
          return new Response()
        default:
          return refusal(501, 'not supported')
      }
    },
  }
}

function refusal(status: number, message: string): Response {
  return new Response(message, { status })
}

export default makeKv(Date.now)
