import { env } from 'cloudflare:test'
import { objectStoreSuite } from './object-store.suite.ts'
import { R2ObjectStore } from './r2-object-store.ts'

declare global {
  namespace Cloudflare {
    interface Env {
      readonly LAKE: R2Bucket
    }
  }
}

objectStoreSuite('R2ObjectStore', async () => {
  for (let isEmpty = false; !isEmpty;) {
    const { objects } = await env.LAKE.list()
    if (objects.length > 0) await env.LAKE.delete(objects.map(({ key }) => key))
    isEmpty = objects.length === 0
  }
  return new R2ObjectStore(env.LAKE)
})
