// The entries of the audit log that follow from a change: one if it gives or takes rights, and one if it was forced.

import { type EntityFields, isSameJson } from 'digital-objects'
import type { LogRow } from '../log/log-row.ts'
import type { AuditEntry } from './audit-log.ts'
import { delegatedWorkOf, directingField } from './delegated-work.ts'
import type { Identity } from './identity.ts'

export interface AuditedChange {
  readonly row: LogRow
  /** The entity's fields before and after; undefined while it does not exist. */
  readonly before: EntityFields | undefined
  readonly after: EntityFields | undefined
}

export function auditedChange(identity: Identity | undefined, change: AuditedChange): readonly AuditEntry[] {
  const { row } = change
  const entry = {
    actor: row.actor,
    onBehalfOf: row.onBehalfOf ?? undefined,
    key: row.key ?? undefined,
    about: row.type,
    target: row.target,
    seq: row.seq,
  }
  return [
    ...(identity !== undefined && changesRights(identity, change)
      ? [{ ...entry, kind: 'rights_changed' } as const]
      : []),
    ...(row.reason === null ? [] : [{ ...entry, kind: 'forced', reason: row.reason } as const]),
  ]
}

/** A Noun without granting fields, such as that of the rules, is about rights as a whole. */
function changesRights(identity: Identity, { row, before, after }: AuditedChange): boolean {
  const { nouns, granting } = identity
  const noun = row.type.slice(0, row.type.indexOf('.'))
  const work = delegatedWorkOf(identity, { name: noun })
  // A run is the work itself, and directs none.
  if (work !== undefined && work.apart.length > 0 && directingField(work, { before, after }) !== undefined) return true
  const fields = Object.hasOwn(granting, noun) ? granting[noun] : undefined
  if (fields === undefined) return work === undefined && nouns.includes(noun)
  return fields.some((field) => !isSameJson(before?.[field] ?? null, after?.[field] ?? null))
}
