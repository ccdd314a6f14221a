// Begins a tenant with its first write: creates its tables, and names it. Call it inside a transaction.

import { reloadTenant, type TenantParts, type TenantStoreOptions } from './compose-tenant.ts'
import { upgradeSystemTables } from './system-tables.ts'
import type { TenantName } from './write/store-commit-options.ts'

export function beginTenant(
  parts: TenantParts,
  { storage, makeEpoch }: Pick<TenantStoreOptions, 'storage' | 'makeEpoch'>,
  tenant: TenantName,
): void {
  upgradeSystemTables(storage.sql)
  reloadTenant(parts)
  parts.meta.set('epoch', makeEpoch())
  parts.meta.set('tenant', tenant.name)
}
