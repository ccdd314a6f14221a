// An authority: what a caller may see and do, as plain data that is passed along with the call. It names the caller, and
// for each Noun the rows it may read and write, the fields hidden from it, and the verbs it may call. Anything that is not
// granted is refused.

import type { JsonValue } from '../base/entity.ts'

/** A filter without `$text` and `$regex`. The string `$me` stands for the caller's id. */
export type RowFilter = Readonly<Record<string, JsonValue>>

/** Selects entities of a Noun: all, none, or those that match the filter. */
export type RowRule = 'all' | 'none' | RowFilter

export interface NounAuthority {
  /** With `none`, the Noun does not exist for the caller. */
  readonly read: RowRule
  /** An entity must match before and after the write, and be visible before it. */
  readonly write: RowRule
  /** Names of fields and relations that do not exist for the caller. */
  readonly hidden: readonly string[]
  /** Verbs by infinitive: `create`, `update`, `delete`, `qualify`. A rollback needs `update`. */
  readonly verbs: 'all' | readonly string[]
}

export interface Authority {
  /** The id of the principal, as events name it: `user_…`, or `owner` for a call without a key. */
  readonly who: string
  readonly onBehalfOf?: string
  /** The credential that proved the principal's identity. */
  readonly through?: {
    readonly kind: 'key' | 'session' | 'grant'
    readonly id: string
    /** The access level of a key that has one, from 1 to 3, by which its requests are limited. */
    readonly level?: number
  }
  readonly nouns: Readonly<Record<string, NounAuthority>>
  /** Applies to every Noun that `nouns` does not name. */
  readonly others: NounAuthority
}

const everything: NounAuthority = Object.freeze({ read: 'all', write: 'all', hidden: Object.freeze([]), verbs: 'all' })
/** Grants nothing. */
export const nothing: NounAuthority = Object.freeze({
  read: 'none',
  write: 'none',
  hidden: Object.freeze([]),
  verbs: Object.freeze([]),
})
const noNouns = Object.freeze({})

/** Grants everything to the principal. */
export function fullAuthority(who: string): Authority {
  return Object.freeze({ who, nouns: noNouns, others: everything })
}

/** Whether the authority grants everything. */
export function isFullAuthority({ nouns, others }: Authority): boolean {
  if (!isEverything(others)) return false
  for (const name in nouns) if (!isEverything(nouns[name] ?? nothing)) return false
  return true
}

function isEverything({ read, write, hidden, verbs }: NounAuthority): boolean {
  return read === 'all' && write === 'all' && hidden.length === 0 && verbs === 'all'
}

/** Replaces every `$me` in the rule by the principal's id. */
export function withPrincipal(rule: RowFilter, who: string): RowFilter {
  return replaceMe(rule, who) as RowFilter // an object stays one
}

function replaceMe(value: JsonValue, who: string): JsonValue {
  if (value === '$me') return who
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item: JsonValue) => replaceMe(item, who))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaceMe(inner, who)]))
}
