// Whether a history of concurrent operations could have happened one after another, each at some point between its own
// start and end (Wing and Gong's search, with Lowe's memory of what was tried). The times are the callers' own.

export interface Operation<Input, Result> {
  readonly start: number
  /** Infinity when the answer was lost: it may have happened at any time since, or never. */
  readonly end: number
  readonly input: Input
  /** Undefined when the answer was lost. */
  readonly result: Result | undefined
}

export interface Model<State, Input, Result> {
  readonly initial: State
  /** What the operation does to the state and answers, one after another. */
  readonly apply: (state: State, input: Input) => { readonly state: State; readonly result: Result }
  readonly isSame: (expected: Result, seen: Result) => boolean
  /** Equal for equal states. */
  readonly key: (state: State) => string
}

export type Verdict<Input, Result> =
  | { readonly isLinearizable: true }
  /** The operation that no order could place after the longest one that was found. */
  | { readonly isLinearizable: false; readonly placed: number; readonly stuckAt: Operation<Input, Result> | undefined }

const stepsMax = 5_000_000

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
  const ops = operations.toSorted((a, b) => a.start - b.start)
  const isPlaced = new Uint8Array(ops.length)
  const tried = new Set<string>()
  let count = 0
  let best: { count: number; stuckAt: number | undefined } = { count: -1, stuckAt: undefined }
  let first = 0

  /** Those that may come next: they started before any that is not placed had ended. */
  const candidates = (): number[] => {
    while (isPlaced[first] === 1) first += 1
    const found: number[] = []
    let earliestEnd = Number.POSITIVE_INFINITY
    for (let at = first; at < ops.length; at++) {
      const op = ops[at] as Operation<Input, Result>
      if (op.start > earliestEnd) break
      if (isPlaced[at] === 1) continue
      earliestEnd = Math.min(earliestEnd, op.end)
      found.push(at)
    }
    return found.filter((at) => (ops[at] as Operation<Input, Result>).start <= earliestEnd)
  }
  /** One that changes nothing and fits now may as well come now: whatever order works without that works with it. */
  const choices = (state: State): number[] => {
    const found = candidates()
    const harmless = found.find((at) => {
      const { input, result: seen } = ops[at] as Operation<Input, Result>
      if (seen === undefined) return false
      const { state: after, result } = model.apply(state, input)
      return after === state && model.isSame(result, seen)
    })
    return harmless === undefined ? found : [harmless]
  }
  const isDone = (): boolean => {
    for (let at = first; at < ops.length; at++) if (isPlaced[at] === 0 && ops[at]?.result !== undefined) return false
    return true
  }
  const keyOf = (state: State): string => {
    const window: number[] = []
    for (let at = first, missing = 0; at < ops.length && missing < 64; at++) {
      if (isPlaced[at] === 1) window.push(at)
      else missing += 1
    }
    return `${first};${window.join(',')};${model.key(state)}`
  }

  const stack: Frame<State>[] = [
    { candidates: choices(model.initial), next: 0, placed: undefined, state: model.initial },
  ]
  for (let steps = 0; stack.length > 0; steps++) {
    if (steps > stepsMax) throw new Error(`no verdict within ${stepsMax} steps`)
    if (isDone()) return { isLinearizable: true }
    const frame = stack.at(-1) as Frame<State>
    if (count > best.count) best = { count, stuckAt: frame.candidates[0] }
    const at = frame.candidates[frame.next++]
    if (at === undefined) {
      stack.pop()
      if (frame.placed === undefined) continue
      isPlaced[frame.placed] = 0
      first = Math.min(first, frame.placed)
      count -= 1
      continue
    }
    const op = ops[at] as Operation<Input, Result>
    const { state, result } = model.apply(frame.state, op.input)
    if (op.result !== undefined && !model.isSame(result, op.result)) continue
    isPlaced[at] = 1
    count += 1
    const options = choices(state)
    const key = keyOf(state)
    if (tried.has(key)) {
      isPlaced[at] = 0
      first = Math.min(first, at)
      count -= 1
      continue
    }
    tried.add(key)
    stack.push({ candidates: options, next: 0, placed: at, state })
  }
  return {
    isLinearizable: false,
    placed: best.count,
    stuckAt: best.stuckAt === undefined ? undefined : ops[best.stuckAt],
  }
}
