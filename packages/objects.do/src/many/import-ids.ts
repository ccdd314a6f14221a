// Gives the entities that an import creates the ids that their rows had, one after another.

/** Only callers who may do everything choose ids: a refusal says that an id is taken, also by what others may not see. */
export const keptIdsAbout = 'an import that keeps ids'

export class KeptIds {
  #promised: string | undefined

  /** The id of the next entity of its kind that is created; undefined for a new one. */
  promise(id: string | undefined): void {
    this.#promised = id
  }

  readonly next = (prefix: string, make: () => string): string => {
    const id = this.#promised
    // Effects of the row create entities of other kinds.
    if (id?.startsWith(`${prefix}_`) !== true) return make()
    this.#promised = undefined
    return id
  }
}
