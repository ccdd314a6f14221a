// The spelling of values that name the same thing in any letter case and Unicode composition: emails, slugs and domains.
// They are stored in one spelling, so every executor and index compares them alike. Values from before this rule keep theirs
// until they are written again.

import type { Field } from './schema.ts'

/** Strings of these names are addresses. */
const addressNames: readonly string[] = ['slug', 'domain', 'subdomain']

export function hasCanonicalText(field: Field): boolean {
  return (
    field.kind === 'data' && (field.type === 'email' || (field.type === 'string' && addressNames.includes(field.name)))
  )
}

/** Lower case in NFC. `John@Example.com` and `john@example.com` are one person. */
export function canonicalText(text: string): string {
  return text.normalize('NFC').toLowerCase().normalize('NFC')
}
