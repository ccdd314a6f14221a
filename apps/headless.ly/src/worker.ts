// The Worker: the front door, and the class of the objects behind it, which write their files to its lake.

import { parseFlushSettings, TenantObject as DigitalObject } from 'objects.do'
import { app } from './app.ts'
import { withCrossOrigin } from './cross-origin.ts'
import type { Env } from './env.ts'
import { objectStoreOf } from './object-store-of.ts'

export class TenantObject extends DigitalObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    const store = objectStoreOf(env)
    super(ctx, env, store === undefined ? undefined : { store, settings: parseFlushSettings(env.FLUSH_SETTINGS) })
  }
}

export default { fetch: withCrossOrigin(app.fetch) }
