// Decides whether a history of concurrent operations is linearizable: whether some sequential order explains all results
// and places each operation between its own start and end (Wing and Gong's search, with Lowe's memoization). Times are
// measured by the callers.

export interface Operation<Input, Result> {
  readonly start: number
  /** Infinity if the answer was lost: the operation may take effect at any later time, or never. */
  readonly end: number
  readonly input: Input
  /** Undefined if the answer was lost. */
  readonly result: Result | undefined
}

export interface Model<State, Input, Result> {
  readonly initial: State
  /** Applies the operation in a sequential order: returns the next state and the result. */
  readonly apply: (state: State, input: Input) => { readonly state: State; readonly result: Result }
  readonly isSame: (expected: Result, seen: Result) => boolean
  /** Returns equal strings for equal states. */
  readonly key: (state: State) => string
}

export type Verdict<Input, Result> =
  | { readonly isLinearizable: true }
  /** The first operation that could not follow the longest explained prefix. */
  | { readonly isLinearizable: false; readonly placed: number; readonly stuckAt: Operation<Input, Result> | undefined }

const stepsMax = 5_000_000
/** Unplaced operations that a memo key looks at. */
const keyWindow = 64

interface Frame<State> {
  readonly candidates: readonly number[]
  next: number
  /** The operation that this step placed; undefined at the start. */
  readonly placed: number | undefined
  readonly state: State
}

export function linearize<State, Input, Result>(
  operations: readonly Operation<Input, Result>[],
  model: Model<State, Input, Result>,
): Verdict<Input, Result> {
  return new Search(operations, model).run()
}

/** A depth-first search over all orders, one stack frame per placed operation. */
class Search<State, Input, Result> {
  readonly #operations: readonly Operation<Input, Result>[]
  readonly #model: Model<State, Input, Result>
  readonly #isPlaced: Uint8Array
  readonly #tried = new Set<string>()
  readonly #stack: Frame<State>[]
  /** Every operation before this index is placed. */
  #first = 0
  #placed = 0
  #best: { placed: number; stuckAt: number | undefined } = { placed: -1, stuckAt: undefined }

  constructor(operations: readonly Operation<Input, Result>[], model: Model<State, Input, Result>) {
    this.#operations = operations.toSorted((a, b) => a.start - b.start)
    this.#model = model
    this.#isPlaced = new Uint8Array(operations.length)
    const { initial } = model
    this.#stack = [{ candidates: this.#choices(initial), next: 0, placed: undefined, state: initial }]
  }

  run(): Verdict<Input, Result> {
    for (let steps = 0; this.#stack.length > 0; steps++) {
      if (steps > stepsMax) throw new Error(`no verdict within ${stepsMax} steps`)
      if (this.#isComplete()) return { isLinearizable: true }
      const frame = this.#stack.at(-1) as Frame<State>
      if (this.#placed > this.#best.placed) this.#best = { placed: this.#placed, stuckAt: frame.candidates[0] }
      const next = frame.candidates[frame.next++]
      if (next === undefined) this.#backtrack(frame)
      else this.#tryNext(next, frame.state)
    }
    const { placed, stuckAt } = this.#best
    return { isLinearizable: false, placed, stuckAt: stuckAt === undefined ? undefined : this.#operations[stuckAt] }
  }

  #backtrack({ placed }: Frame<State>): void {
    this.#stack.pop()
    if (placed !== undefined) this.#unplace(placed)
  }

  #tryNext(index: number, before: State): void {
    const operation = this.#operations[index] as Operation<Input, Result>
    const { state, result } = this.#model.apply(before, operation.input)
    if (operation.result !== undefined && !this.#model.isSame(result, operation.result)) return
    this.#isPlaced[index] = 1
    this.#placed += 1
    const candidates = this.#choices(state)
    const key = this.#keyOf(state)
    if (this.#tried.has(key)) return this.#unplace(index)
    this.#tried.add(key)
    this.#stack.push({ candidates, next: 0, placed: index, state })
  }

  #unplace(index: number): void {
    this.#isPlaced[index] = 0
    this.#first = Math.min(this.#first, index)
    this.#placed -= 1
  }

  /** Returns the operations that may come next: they started before any unplaced operation had ended. */
  #candidates(): number[] {
    while (this.#isPlaced[this.#first] === 1) this.#first += 1
    const found: number[] = []
    let earliestEnd = Number.POSITIVE_INFINITY
    for (let at = this.#first; at < this.#operations.length; at++) {
      const operation = this.#operations[at] as Operation<Input, Result>
      if (operation.start > earliestEnd) break
      if (this.#isPlaced[at] === 1) continue
      earliestEnd = Math.min(earliestEnd, operation.end)
      found.push(at)
    }
    return found.filter((at) => (this.#operations[at] as Operation<Input, Result>).start <= earliestEnd)
  }

  /** Tries a matching operation that changes nothing first and alone: any order that works without it works with it. */
  #choices(state: State): number[] {
    const found = this.#candidates()
    const harmless = found.find((at) => {
      const { input, result: seen } = this.#operations[at] as Operation<Input, Result>
      if (seen === undefined) return false
      const { state: after, result } = this.#model.apply(state, input)
      return after === state && this.#model.isSame(result, seen)
    })
    return harmless === undefined ? found : [harmless]
  }

  /** Whether every operation with a known result is placed. */
  #isComplete(): boolean {
    for (let at = this.#first; at < this.#operations.length; at++)
      if (this.#isPlaced[at] === 0 && this.#operations[at]?.result !== undefined) return false
    return true
  }

  #keyOf(state: State): string {
    const window: number[] = []
    for (let at = this.#first, missing = 0; at < this.#operations.length && missing < keyWindow; at++) {
      if (this.#isPlaced[at] === 1) window.push(at)
      else missing += 1
    }
    return `${this.#first};${window.join(',')};${this.#model.key(state)}`
  }
}
