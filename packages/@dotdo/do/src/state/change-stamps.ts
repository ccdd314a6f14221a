// Says whether entities of a Noun may have changed, so that what is derived from all of them can be kept in memory.

export class ChangeStamps {
  #forgotten = 0
  readonly #changes = new Map<string, number>()

  /** Returns a string that is the same as long as no entity of the Noun has changed. */
  of(noun: string): string {
    return `${this.#forgotten}.${this.#changes.get(noun) ?? 0}`
  }

  changed(noun: string): void {
    this.#changes.set(noun, (this.#changes.get(noun) ?? 0) + 1)
  }

  /** Any entity may have changed: by a rollback, for example. */
  forget(): void {
    this.#forgotten++
  }
}
