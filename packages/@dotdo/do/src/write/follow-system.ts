// Updates what is derived from entities that say what the tenant is: definitions, settings, what keys prove, and the audit log.

import { rulesNoun, schemaNoun, settingsNoun } from 'digital-objects'
import { type AuditedChange, auditedChange } from '../identity/audited-change.ts'
import type { Keys } from '../identity/keys.ts'
import type { SettingsState } from '../state/settings-state.ts'
import type { TenantCatalog } from '../state/tenant-catalog.ts'
import type { Change, Written } from './change.ts'
import type { Consent } from './consent.ts'

interface SystemParts {
  readonly catalog: TenantCatalog
  readonly settings: SettingsState
  readonly keys: Keys
  readonly consent: Pick<Consent, 'forget'>
}

export function followSystem(
  { catalog, settings, keys, consent }: SystemParts,
  change: Change,
  { kind, ...made }: AuditedChange & { readonly kind: Written['kind'] },
): void {
  const { schema, secretHash } = change
  const id = made.row.target
  if (kind === 'created' && secretHash !== undefined) keys.credentials.add(secretHash, id)
  if (keys.concerns(schema.name)) {
    if (kind === 'deleted' || change.kind === 'erase') keys.credentials.removeOf(id)
    keys.forget()
  }
  for (const entry of auditedChange(keys.identity, made)) keys.audit.record(entry)
  countUse(keys, change, made)
  if (schema === schemaNoun) catalog.follow()
  if (schema === settingsNoun) settings.reload()
  if (schema === rulesNoun) consent.forget()
}

/** Counts a write of a principal with a budget, and what the change reports as used. Effects belong to a write that counts. */
function countUse(keys: Keys, { schema, key, via }: Change, { row, before, after }: AuditedChange): void {
  const of = key === undefined || via === 'effect' ? undefined : keys.countedBy(key)
  if (of !== undefined) keys.budgets.spend({ of, amounts: { writes: 1 } }, row.atMs)
  const reported = keys.identity?.spentBy?.(schema.name, { id: row.target, before, after })
  if (reported !== undefined) keys.budgets.spend(reported, row.atMs)
}
