// The Worker for tests in workerd: the real object, which stores files in a bucket, and a bare one with only its storage.

import { DurableObject } from 'cloudflare:workers'
import { R2ObjectStore } from '@dotdo/db'
import { defaultFlushSettings, TenantObject as DigitalObject } from 'objects.do'
import { badges } from './badges-service.ts'

export class TenantObject extends DigitalObject<Cloudflare.Env> {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, { services: [], lake: lakeOf(env) })
  }
}

/** A tenant with one more service than the core. */
export class ServedObject extends DigitalObject<Cloudflare.Env> {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, { services: [badges], lake: lakeOf(env) })
  }
}

/** A tenant that reads almost every list and count in slices of a few rows. */
export class SlicedObject extends DigitalObject<Cloudflare.Env> {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env, { services: [], lake: lakeOf(env), slices: { smallRowsMax: 0, rowsPerSlice: 48 } })
  }

  /** The number of slices so far. */
  slices(): number {
    return this.store.sliceCount
  }
}

function lakeOf(env: Cloudflare.Env): { store: R2ObjectStore; settings: typeof defaultFlushSettings } {
  return { store: new R2ObjectStore(env.LAKE), settings: defaultFlushSettings }
}

export class BareObject extends DurableObject {
  /** Tests run alarms themselves. */
  override alarm(): void {}
}

export default { fetch: (): Response => new Response('tests') }
