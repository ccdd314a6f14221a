// The Worker: the front door, and the class of the tenants' objects, which write their files to the lake.

import { parseFlushSettings, TenantObject as DigitalObject } from 'objects.do'
import { app } from './app.ts'
import type { Env } from './base/env.ts'
import { objectStoreOf } from './base/object-store-of.ts'

export class TenantObject extends DigitalObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    const store = objectStoreOf(env)
    super(ctx, env, store === undefined ? undefined : { store, settings: parseFlushSettings(env.FLUSH_SETTINGS) })
  }
}

export default { fetch: app.fetch }
