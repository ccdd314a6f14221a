// The order in which types are imported: first those to which others refer. Types that refer to each other are imported without some of
// their optional references, which are set once both are there.

import type { NounSchema, ReferenceField } from 'digital-objects'

export interface MoveStep {
  readonly noun: NounSchema
  /** References that are set after all steps. */
  readonly later: readonly string[]
}

export function orderMoves(nouns: readonly NounSchema[]): readonly MoveStep[] {
  const steps: MoveStep[] = []
  const waiting = new Map(nouns.map((noun) => [noun.name, noun]))
  // The server itself follows references within one type.
  const isOpen = (noun: NounSchema, field: ReferenceField): boolean =>
    field.to.some((name) => name !== noun.name && waiting.has(name))
  while (waiting.size > 0) {
    const all = [...waiting.values()]
    const noun =
      all.find((one) => !referencesOf(one).some((field) => isOpen(one, field))) ??
      all.find((one) => !referencesOf(one).some((field) => field.required && isOpen(one, field))) ??
      all[0]
    if (noun === undefined) break
    const later = referencesOf(noun).filter((field) => !field.required && isOpen(noun, field))
    steps.push({ noun, later: later.map(({ name }) => name) })
    waiting.delete(noun.name)
  }
  return steps
}

export function referencesOf({ fields }: NounSchema): readonly ReferenceField[] {
  return Object.values(fields).flatMap((field) => (field.kind === 'reference' ? [field] : []))
}
