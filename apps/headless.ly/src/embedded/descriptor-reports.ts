// Finds reports of a lack of file descriptors in what workerd prints. A lack ends workerd when the next connection comes.

export interface DescriptorReportsOptions {
  /** Receives a line for the operator, at most once a minute. */
  readonly warn: (line: string) => void
}

const repeatMs = 60_000

export class DescriptorReports {
  readonly #options: DescriptorReportsOptions
  #warnedAtMs = -Infinity

  constructor(options: DescriptorReportsOptions) {
    this.#options = options
  }

  /** Reads what workerd printed. */
  take(text: string): void {
    if (!text.includes('Too many open files')) return
    const now = performance.now()
    if (now - this.#warnedAtMs < repeatMs) return
    this.#warnedAtMs = now
    this.#options.warn(
      'no file descriptors are left, and workerd restarts if it needs one: raise the limit of open files, such as to 65536',
    )
  }
}
