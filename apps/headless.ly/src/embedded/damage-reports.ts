// Finds reports of a damaged database in what workerd prints. The platform tells the Worker only that something failed, so
// the Worker asks the launcher for the reason.

export interface DamageReportsOptions {
  /** Receives a line for the operator, once. */
  readonly warn: (line: string) => void
}

/** A report older than this does not explain a failure of now. */
const recentMs = 2_000

export class DamageReports {
  readonly #options: DamageReportsOptions
  #reportedAtMs: number | undefined

  constructor(options: DamageReportsOptions) {
    this.#options = options
  }

  get isRecent(): boolean {
    return this.#reportedAtMs !== undefined && performance.now() - this.#reportedAtMs < recentMs
  }

  /** Reads what workerd printed. */
  take(text: string): void {
    const { warn } = this.#options
    const [reason] = /SQLITE_(?:CORRUPT|NOTADB)/.exec(text) ?? []
    if (reason === undefined) return
    if (this.#reportedAtMs === undefined) {
      warn(
        `a database is damaged (${reason}): stop the server and restore the folders objects and lake from one backup`,
      )
    }
    this.#reportedAtMs = performance.now()
  }
}
