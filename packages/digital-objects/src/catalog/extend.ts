// `extend(noun, additions)` makes a Noun with additional fields, enum values, verbs and transitions.

import type { FieldTexts } from '../noun/definition.ts'
import type { Simplify } from '../noun/entity-types.ts'
import type { CheckedText } from '../noun/field-text.ts'
import { makeNoun, type Noun, type NounOptions } from '../noun/noun.ts'
import { mergeDefinitions } from './merge-definitions.ts'

/** The fields of both. The addition's text wins. */
export type Extended<Base extends FieldTexts, Added extends FieldTexts> = Simplify<Omit<Base, keyof Added> & Added>

/**
 * Returns a new Noun and does not change `noun`. An enum's text replaces the list of values, so it must repeat the old
 * values. Throws an ObjectError `invalid_definition` that names the field.
 */
export function extend<const Name extends string, const Base extends FieldTexts, const Added extends FieldTexts>(
  noun: Pick<Noun<Name, Base>, '$name' | '$definition' | '$schema'>,
  fields: { readonly [Key in keyof Added]: CheckedText<Key, Added[Key]> },
  options: NounOptions<Extended<Base, Added>> = {},
): Noun<Name, Extended<Base, Added>> {
  const definition = mergeDefinitions(noun.$schema.definition, { fields, ...options })
  return makeNoun(noun.$name, definition) as Noun<Name, Extended<Base, Added>>
}
