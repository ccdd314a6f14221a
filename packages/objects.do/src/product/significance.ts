// Whether two rates differ by more than chance: the two-proportion z-test with a pooled variance, two-sided, and Holm's
// correction for several comparisons with one control.

export interface Proportion {
  readonly successes: number
  readonly trials: number
}

/** The test statistic, and the probability of a difference as large if the rates were equal; undefined without a variance. */
export function compareProportions(
  a: Proportion,
  b: Proportion,
): { readonly z: number; readonly p: number } | undefined {
  if (a.trials === 0 || b.trials === 0) return undefined
  const pooled = (a.successes + b.successes) / (a.trials + b.trials)
  const variance = pooled * (1 - pooled) * (1 / a.trials + 1 / b.trials)
  if (variance <= 0) return undefined
  const z = (b.successes / b.trials - a.successes / a.trials) / Math.sqrt(variance)
  return { z, p: erfc(Math.abs(z) / Math.SQRT2) }
}

/** Corrects probabilities for the number of comparisons, in the order given. */
export function holmAdjusted(probabilities: readonly number[]): readonly number[] {
  const order = [...probabilities.keys()].toSorted((a, b) => (probabilities[a] ?? 1) - (probabilities[b] ?? 1))
  const adjusted = probabilities.map(() => 1)
  let largest = 0
  for (const [rank, at] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (probabilities[at] ?? 1) * (order.length - rank)))
    adjusted[at] = largest
  }
  return adjusted
}

/** The complementary error function for x >= 0: its series near 0, and else its continued fraction (Abramowitz, Stegun, 7.1). */
export function erfc(x: number): number {
  return x < 2.5 ? 1 - erfBySeries(x) : Math.exp(-x * x) / (Math.sqrt(Math.PI) * continuedFraction(x))
}

function erfBySeries(x: number): number {
  let [term, sum] = [x, x]
  for (let n = 1; n < 100 && Math.abs(term) > 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

/** x + (1/2)/(x + 1/(x + (3/2)/(x + 2/(x + ...)))) from its end. */
function continuedFraction(x: number): number {
  let value = x
  for (let n = 60; n > 0; n--) value = x + n / 2 / value
  return value
}
