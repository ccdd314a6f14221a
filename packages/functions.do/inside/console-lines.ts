// Collects the code's console output as lines, since nobody watches the server's console.

export class ConsoleLines {
  readonly #limits: { readonly logLines: number; readonly logCharacters: number }
  readonly #lines: string[] = []
  #dropped = 0

  constructor(limits: { readonly logLines: number; readonly logCharacters: number }) {
    this.#limits = limits
  }

  /** The last line reports how many lines were dropped. */
  get lines(): readonly string[] {
    if (this.#dropped === 0) return this.#lines
    return [...this.#lines.slice(0, this.#limits.logLines - 1), `… and ${this.#dropped + 1} more lines`]
  }

  add(given: readonly unknown[]): void {
    if (this.#lines.length === this.#limits.logLines) this.#dropped++
    else this.#lines.push(given.map(shown).join(' ').slice(0, this.#limits.logCharacters))
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof Error) return `${value.name}: ${value.message}`
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    // The value contains itself, or its `toJSON` throws. A log line does not need more.
    return Object.prototype.toString.call(value)
  }
}
