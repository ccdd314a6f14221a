// The Worker: the front door, and the classes of its Durable Objects: the tenants, which write their files to the lake, the
// registry of their names, and the directory of people.

import { DirectoryDurableObject, PasswordHasherDurableObject } from 'oauth.do/directory'
import {
  AuditLog,
  auditTable,
  parseFlushSettings,
  RegistryDurableObject,
  TenantObject as DigitalObject,
} from 'objects.do'
import { makeApp } from './app.ts'
import type { Env } from './base/env.ts'
import { objectStoreOf } from './base/object-store-of.ts'
import { secretKeysOf } from './base/secret-keys-of.ts'
import { services, servicesOf } from './base/services.ts'
import { storageSpaceOf } from './base/storage-space-of.ts'
import { turnsOf } from './base/turns-of.ts'
import { connectOf } from './base/connect-of.ts'
import { earlierTenants } from './tenants/earlier-tenants.ts'
import { activateUser } from './identity/ask-tenant-as.ts'
import { hashPassword } from './identity/hash-password.ts'
import { deleteTrial, makePermanent } from './identity/trials.ts'
import { openObjectsOf } from './tenants/open-objects.ts'
import { tenantsOf } from './tenants/tenant-directory.ts'

export class TenantObject extends DigitalObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    const store = objectStoreOf(env)
    const lake = store === undefined ? {} : { lake: { store, settings: parseFlushSettings(env.FLUSH_SETTINGS) } }
    super(ctx, env, {
      services: servicesOf(env),
      turns: turnsOf(env),
      space: storageSpaceOf(env),
      secretKeys: secretKeysOf(env),
      connect: connectOf(env),
      ...lake,
    })
  }

  /** The platform opens objects for their alarms. */
  override async alarm(): Promise<void> {
    const name = this.identify()
    const objects = openObjectsOf(this.env)
    if (name === null || objects === undefined) return super.alarm()
    const postponedMs = await objects.alarm(name, async () => {
      await turnsOf(this.env).pausing()()
      await super.alarm()
    })
    if (postponedMs !== undefined) await this.ctx.storage.setAlarm(Date.now() + postponedMs)
  }
}

export class RegistryObject extends RegistryDurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, {
      tenant: (name) => env.TENANTS.getByName(name),
      earlierTenants: (position) => earlierTenants(env, position),
    })
  }
}

/** The time that a provider of accounts has for an answer. */
const providerMs = 5_000

export class DirectoryObject extends DirectoryDurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, {
      tell: async ({ tenant, kind, subject }, claimant) => {
        if (kind === 'claim') return makePermanent(env, tenant, claimant)
        if (kind === 'activate') await activateUser(env, tenant, subject)
        else await tenantsOf(env).endSession(tenant, subject)
        return undefined
      },
      deleteTenant: (tenant) => deleteTrial(env, tenant),
      ciIssuers: env.CI_ISSUERS,
      audit: { table: auditTable, open: (sql) => new AuditLog({ sql, now: Date.now }) },
      hash: (password, salt) => hashPassword(env, password, salt),
      sealingKeys: secretKeysOf(env),
      provider: env.SIGN_IN_PROVIDER,
      fetch: (url, { method, headers, body }) =>
        fetch(url, {
          method,
          headers,
          redirect: 'manual',
          signal: AbortSignal.timeout(providerMs),
          ...(body === undefined ? {} : { body }),
        }),
      ownerLink: env.OWNER_LINK,
    })
  }
}

export class HasherObject extends PasswordHasherDurableObject<Env> {}

const app = makeApp(services)

export default { fetch: app.fetch }
