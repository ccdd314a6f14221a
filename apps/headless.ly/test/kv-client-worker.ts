// A Worker with the bindings of the embedded server that puts and gets what a test sends.

import type { Env } from '../src/base/env.ts'
import { KvReadCache } from '../src/read/kv-read-cache.ts'
import { KvValues } from '../src/read/kv-values.ts'

export { RegistryObject, TenantObject } from '../src/worker.ts'

export default {
  async fetch(request: Request, { READ_KV }: Env): Promise<Response> {
    if (READ_KV === undefined) return new Response('READ_KV is not bound', { status: 501 })
    const cache = new KvReadCache({ values: new KvValues({ kv: READ_KV, now: Date.now }), deployment: 'one' })
    const name = request.headers.get('x-name') ?? ''
    const version = request.headers.get('x-version')
    if (request.method === 'PUT') {
      const body = new Uint8Array(await request.arrayBuffer())
      await cache.put(name, { body, ...(version === null ? {} : { version: Number(version) }) })
      return new Response()
    }
    const answer = await cache.get(name)
    if (answer === undefined) return new Response('', { status: 404 })
    const headers = answer.version === undefined ? {} : { 'x-version': String(answer.version) }
    return new Response(answer.body.slice(), { headers })
  },
}
