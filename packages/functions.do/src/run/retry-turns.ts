// Lets the programs of a tenant that were in conflict run again one after another, since together they would only end each
// other again.

export class RetryTurns {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Runs the work once those before it have ended. */
  async run<Result>(tenant: string, work: () => Promise<Result>): Promise<Result> {
    const turn = (this.#last.get(tenant) ?? Promise.resolve()).then(work)
    const ended = turn.catch(() => {})
    this.#last.set(tenant, ended)
    try {
      return await turn
    } finally {
      if (this.#last.get(tenant) === ended) this.#last.delete(tenant)
    }
  }
}
