// Delegated work: what the server performs later, as an entity says. Its rights are those of all data, or of its owner, so only a
// caller who has at least these may direct it.

import { type EntityFields, isSameJson, type JsonValue, type NounSchema } from 'digital-objects'

export interface DelegatedWork {
  /** The service that brings the Noun, if one does: a Noun of the tenant's own that has the same name is no such work. */
  readonly service?: string
  /** The field that names the member whose rights the work has; undefined if it may do everything. */
  readonly owner?: string
  /** Whether work without an owner may do everything. Otherwise it may do nothing. */
  readonly isOwnerlessFull?: boolean
  /** Present if the work only reads: whoever may read all data directs it. These Nouns count for nothing. */
  readonly readsAllBut?: readonly string[]
  /** Fields that direct nothing: they describe the entity or count its work. A change of any other field directs the work. */
  readonly apart: readonly string[]
  /** Maps a field to its values that only stop the work. */
  readonly halts: Readonly<Record<string, readonly string[]>>
  /** Whether a deletion directs it too, since others rely on the work. */
  readonly isReliedOn: boolean
}

export interface DirectingChange {
  readonly before: EntityFields | undefined
  /** The fields after the change; undefined for a deletion. */
  readonly after: EntityFields | undefined
  /** Returns the value of a field that a creation leaves out. */
  readonly initial?: (field: string) => JsonValue
}

export function delegatedWorkOf(
  { delegated = {} }: { readonly delegated?: Readonly<Record<string, DelegatedWork>> },
  { name, service }: Pick<NounSchema, 'name' | 'service'>,
): DelegatedWork | undefined {
  const work = Object.hasOwn(delegated, name) ? delegated[name] : undefined
  return work?.service === undefined || work.service === service ? work : undefined
}

/** Returns a field by whose change the work is directed; undefined if there is none. */
export function directingField(
  { apart, halts }: DelegatedWork,
  { before, after = {}, initial = () => null }: DirectingChange,
): string | undefined {
  return Object.keys({ ...before, ...after }).find((field) => {
    if (apart.includes(field)) return false
    const value = after[field] ?? null
    if (before !== undefined && typeof value === 'string' && haltsOf(halts, field).includes(value)) return false
    return !isSameJson(value, before === undefined ? initial(field) : (before[field] ?? null))
  })
}

function haltsOf(halts: DelegatedWork['halts'], field: string): readonly string[] {
  return (Object.hasOwn(halts, field) ? halts[field] : undefined) ?? []
}
