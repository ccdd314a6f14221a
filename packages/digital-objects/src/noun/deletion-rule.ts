// Deletion rules: the fate of an entity when the entity that one of its references names is deleted. Each reference has a
// rule, its own or the default for its kind.

/**
 * `restrict` refuses the deletion, `cascade` deletes the referring entity too, `clear` removes the id from the reference, and
 * `keep` leaves the reference as it is.
 */
export type DeletionFate = (typeof deletionFates)[number]

/** A fate, or the states of the referring entity that restrict, and the fate of the others. */
export type DeletionRule =
  | DeletionFate
  | {
      readonly restrictWhile: { readonly field: string; readonly values: readonly string[] }
      readonly otherwise: Exclude<DeletionFate, 'restrict'>
    }

export const deletionFates = ['restrict', 'cascade', 'clear', 'keep'] as const
