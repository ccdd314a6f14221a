// The fingerprint of an authority: equal for two callers if and only if their rights are equal. It is part of the key of
// every cached answer and of every cursor, so it is a cryptographic hash. It includes the caller's id only if a rule
// depends on it, so that callers with equal rights share cached answers.

import { type Authority, isFullAuthority, type NounAuthority, type RowRule, withPrincipal } from './authority.ts'
import { compareText } from '../base/compare-text.ts'
import type { JsonValue } from '../base/entity.ts'
import { sha256Hex } from '../base/sha-256.ts'

/** The fingerprint of an authority that grants everything. */
export const fullFingerprint = 'full'

/** A pure cache: an isolate answers many reads of one caller, whose authority is one value. */
const fingerprints = new WeakMap<Authority, string>()

/** Returns letters and digits. The order of keys in rules, and of names in lists, does not matter. */
export function fingerprintOf(authority: Authority): string {
  if (isFullAuthority(authority)) return fullFingerprint
  const known = fingerprints.get(authority) ?? makeFingerprint(authority)
  fingerprints.set(authority, known)
  return known
}

function makeFingerprint(authority: Authority): string {
  const { who, nouns, others } = authority
  const named = Object.fromEntries(Object.entries(nouns).map(([name, granted]) => [name, canonical(granted, who)]))
  return sha256Hex(sortedJson([named, canonical(others, who)]))
}

function canonical({ read, write, hidden, verbs }: NounAuthority, who: string): JsonValue {
  return {
    read: canonicalRule(read, who),
    write: canonicalRule(write, who),
    hidden: sortedNames(hidden),
    verbs: verbs === 'all' ? verbs : sortedNames(verbs),
  }
}

function canonicalRule(rule: RowRule, who: string): JsonValue {
  return typeof rule === 'string' ? rule : withPrincipal(rule, who)
}

function sortedNames(names: readonly string[]): readonly string[] {
  return [...new Set(names)].toSorted(compareText)
}

function sortedJson(value: JsonValue): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`
  const entries = Object.entries(value).toSorted(([a], [b]) => compareText(a, b))
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${sortedJson(inner)}`).join(',')}}`
}
