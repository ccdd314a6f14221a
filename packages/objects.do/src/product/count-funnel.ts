// How far units go through the steps of a funnel. A step counts from the one before it on, and a window begins with the first.

export interface FunnelCount {
  readonly steps: readonly FunnelStepCount[]
  /** The last step divided by the first, 0 without any. */
  readonly conversionRate: number
  /** Units that took the first step. */
  readonly total: number
}

export interface FunnelStepCount {
  readonly count: number
  /** Of the units that took the first step. */
  readonly rate: number
  /** The share of units of the step before that did not take this one. */
  readonly dropOff: number
  /** Milliseconds from the step before; null without units. */
  readonly medianTime: number | null
}

/** The times at which a unit took each step, in order. */
export interface UnitTimes {
  readonly steps: readonly (readonly number[])[]
  /** Whether a step is the same as the one before it, so that one event does not count for both. */
  readonly repeats: readonly boolean[]
  readonly withinMs?: number
}

/**
 * Returns the times of the steps that a unit took: those of the start from which it gets furthest, and among these of the
 * earliest. Without a window that is its first start.
 */
export function passageOf({ steps: [starts = [], ...others], repeats, withinMs }: UnitTimes): readonly number[] {
  let best: readonly number[] = []
  for (const start of withinMs === undefined ? starts.slice(0, 1) : starts) {
    const untilMs = withinMs === undefined ? Infinity : start + withinMs
    const taken = [start]
    for (const [at, times] of others.entries()) {
      const time = firstFrom(times, taken.at(-1) ?? start, repeats[at + 1] === true)
      if (time === undefined || time > untilMs) break
      taken.push(time)
    }
    if (taken.length > best.length) best = taken
    if (best.length === others.length + 1) break
  }
  return best
}

/** The first of the sorted times that is not before this one, or with `isAfter` that is later. */
function firstFrom(times: readonly number[], fromMs: number, isAfter: boolean): number | undefined {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const time = times[middle] ?? Infinity
    if (time < fromMs || (isAfter && time === fromMs)) low = middle + 1
    else high = middle
  }
  return times[low]
}

export function countFunnel(stepCount: number, passages: Iterable<readonly number[]>): FunnelCount {
  const counts = Array.from({ length: stepCount }, () => 0)
  const waits = Array.from({ length: stepCount }, (): number[] => [])
  for (const passage of passages)
    for (const [at, time] of passage.entries()) {
      counts[at] = (counts[at] ?? 0) + 1
      if (at > 0) waits[at]?.push(time - (passage[at - 1] ?? time))
    }
  const [total = 0] = counts
  const steps = counts.map((count, at): FunnelStepCount => {
    const before = at === 0 ? count : (counts[at - 1] ?? 0)
    return {
      count,
      rate: total === 0 ? 0 : count / total,
      dropOff: before === 0 ? 0 : 1 - count / before,
      medianTime: medianOf(waits[at] ?? []),
    }
  })
  return { steps, conversionRate: total === 0 ? 0 : (counts.at(-1) ?? 0) / total, total }
}

function medianOf(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return (low + high) / 2
}
