// Records which texts of a change are those of strangers.

import { strangersOrigin, type WrittenFields, writtenTexts } from 'digital-objects'
import type { Keys } from '../identity/keys.ts'
import type { LogRow } from '../log/log-row.ts'
import { influencedBy, type Origins } from '../state/origins.ts'
import type { Change } from './change.ts'

interface OriginParts {
  readonly consent: { readonly origins: Origins }
  readonly keys: Keys
}

/** Texts are those of strangers by the verb, by a key that is published, or since an agent has read such texts. */
export function recordOrigins(
  { consent: { origins }, keys }: OriginParts,
  change: Change,
  { row, ...made }: WrittenFields & { readonly row: LogRow },
): void {
  const { schema, verb, kind, caller, key } = change
  if (kind === 'remove' || kind === 'erase') return
  const isPublic = key !== undefined && keys.identity?.isPublic?.(key) === true
  const isMisled = caller === 'agent' && origins.isInfluenced(influencedBy(change))
  const own = change.origin ?? strangersOrigin(verb, made.after)
  const origin = own ?? (isPublic ? 'public' : isMisled ? 'program' : undefined)
  if (origin === undefined && !origins.hasAny) return
  origins.wrote({ entity: row.target, fields: writtenTexts(schema, made), seq: row.seq, origin })
}
