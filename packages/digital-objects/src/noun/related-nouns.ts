// The Nouns to which a relation of a Noun leads.

import type { NounSchema } from './schema.ts'

/** Returns none if `relation` is not a relation of the Noun. */
export function relatedNouns({ fields }: Pick<NounSchema, 'fields'>, relation: string): readonly string[] {
  const field = Object.hasOwn(fields, relation) ? fields[relation] : undefined
  if (field?.kind === 'reference') return field.to
  return field?.kind === 'reverse' ? [field.from] : []
}
