// Updates what is derived from entities that say what the tenant is: definitions, settings, what keys prove, and the audit log.

import { schemaNoun, settingsNoun } from 'digital-objects'
import { type AuditedChange, auditedChange } from '../identity/audited-change.ts'
import type { Keys } from '../identity/keys.ts'
import type { SettingsState } from '../state/settings-state.ts'
import type { TenantCatalog } from '../state/tenant-catalog.ts'
import type { Change, Written } from './change.ts'

interface SystemParts {
  readonly catalog: TenantCatalog
  readonly settings: SettingsState
  readonly keys: Keys
}

export function followSystem(
  { catalog, settings, keys }: SystemParts,
  { schema, secretHash }: Change,
  { kind, ...made }: AuditedChange & { readonly kind: Written['kind'] },
): void {
  const id = made.row.target
  if (kind === 'created' && secretHash !== undefined) keys.credentials.add(secretHash, id)
  if (keys.concerns(schema.name)) {
    if (kind === 'deleted') keys.credentials.removeOf(id)
    keys.forget()
  }
  for (const entry of auditedChange(keys.identity, made)) keys.audit.record(entry)
  if (schema === schemaNoun) catalog.follow()
  if (schema === settingsNoun) settings.reload()
}
