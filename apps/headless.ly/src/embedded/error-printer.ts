// Finds the internal errors in what workerd prints, and shows them to the operator: the first ones of a kind whole, and of
// a flood only the count.

import { performance } from 'node:perf_hooks'

export interface ErrorPrinterOptions {
  /** Receives what the operator should see. */
  readonly warn: (line: string) => void
  /** Milliseconds of a clock that never jumps. */
  readonly now?: () => number
}

const periodMs = 60_000
/** Errors of one kind to show in a period, and of all kinds. */
const perKindMax = 3
const inTotalMax = 30
const lineCharactersMax = 20_000
const detailCharactersMax = 4_000

/** Lines of workerd itself about code of ours that failed outside of our own handlers. */
const runtimeFault = /(?:error: Uncaught|fatal:|FATAL ERROR|Fatal error)/

export class ErrorPrinter {
  readonly #warn: (line: string) => void
  readonly #now: () => number
  #rest = ''
  /** Errors of this period by kind. */
  readonly #counts = new Map<string, number>()
  #shown = 0
  #hidden = 0
  #periodEndsMs = 0

  constructor({ warn, now = () => performance.now() }: ErrorPrinterOptions) {
    this.#warn = warn
    this.#now = now
  }

  /** Takes output as it arrives, with parts of lines. */
  take(text: string): void {
    const lines = (this.#rest + text).split('\n')
    // The rest of an endless line is dropped, and what follows is not read as an error.
    this.#rest = (lines.pop() ?? '').slice(0, lineCharactersMax)
    for (const line of lines) this.#takeLine(line)
  }

  #takeLine(line: string): void {
    const shown = line.startsWith('{"internalError":') ? describe(line) : runtimeFault.test(line) ? line : undefined
    if (shown === undefined) return
    const now = this.#now()
    if (now >= this.#periodEndsMs) this.#startPeriod(now)
    const kind = kindOf(shown)
    const count = (this.#counts.get(kind) ?? 0) + 1
    if (this.#counts.has(kind) || this.#counts.size < inTotalMax) this.#counts.set(kind, count)
    if (count > perKindMax || this.#shown >= inTotalMax) return this.#hide()
    this.#shown++
    this.#warn(shown.slice(0, detailCharactersMax))
  }

  #hide(): void {
    if (this.#hidden++ > 0) return
    this.#warn(
      'more internal errors of the same kinds follow; they are counted for a minute, and --verbose prints each',
    )
    setTimeout(() => this.#reportHidden(), periodMs).unref()
  }

  #startPeriod(now: number): void {
    this.#periodEndsMs = now + periodMs
    this.#counts.clear()
    this.#shown = 0
  }

  #reportHidden(): void {
    this.#warn(`${this.#hidden} more internal errors in the last minute`)
    this.#hidden = 0
  }
}

function describe(line: string): string {
  const { requestId, request, tenant, call, message, stack } = parseError(line)
  const place = [requestId, request, tenant === undefined ? undefined : `tenant ${tenant}`, call].filter(
    (part) => part !== undefined,
  )
  const at = place.length === 0 ? '' : ` (${place.join(', ')})`
  return `internal error${at}: ${message ?? line}${stack === undefined ? '' : `\n${stack}`}`
}

function parseError(line: string): Readonly<Record<string, string | undefined>> {
  try {
    const parsed: unknown = JSON.parse(line)
    const error = typeof parsed === 'object' && parsed !== null && Reflect.get(parsed, 'internalError')
    if (typeof error !== 'object' || error === null) return {}
    return Object.fromEntries(Object.entries(error).map(([name, value]) => [name, String(value)]))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return {}
  }
}

/** Errors that differ only in their ids and numbers are of one kind. */
function kindOf(text: string): string {
  return text.replace(/\w*\d[\w-]*/g, '0').slice(0, 500)
}
