// Whether two means differ by more than chance: Welch's t-test, which takes no equal variances for granted, two-sided.

export interface Sample {
  readonly count: number
  readonly mean: number
  /** The unbiased variance. */
  readonly variance: number
}

export function sampleOf(values: readonly number[]): Sample {
  const count = values.length
  const mean = count === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / count
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { count, mean, variance: count < 2 ? 0 : squares / (count - 1) }
}

/** The test statistic, and the probability of a difference as large if the means were equal; undefined without a variance. */
export function compareMeans(
  a: Sample,
  b: Sample,
): { readonly t: number; readonly freedom: number; readonly p: number } | undefined {
  if (a.count < 2 || b.count < 2) return undefined
  const [ofA, ofB] = [a.variance / a.count, b.variance / b.count]
  const variance = ofA + ofB
  if (variance <= 0) return undefined
  const t = (b.mean - a.mean) / Math.sqrt(variance)
  const freedom = variance ** 2 / (ofA ** 2 / (a.count - 1) + ofB ** 2 / (b.count - 1))
  return { t, freedom, p: incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5) }
}

/** The regularized incomplete beta function: its continued fraction, on the side where it converges soon (DLMF 8.17.22). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const factor = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  return x < (a + 1) / (a + b + 2) ? (factor * fraction(x, a, b)) / a : 1 - (factor * fraction(1 - x, b, a)) / b
}

/** Evaluated from its front by Lentz's method. */
function fraction(x: number, a: number, b: number): number {
  const tiny = 1e-300
  const nonZero = (value: number): number => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1))
  let result = d
  for (let m = 1; m <= 500; m++) {
    for (const term of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / nonZero(1 + term * d)
      c = nonZero(1 + term / c)
      result *= c * d
    }
    if (Math.abs(c * d - 1) < 1e-15) break
  }
  return result
}

/** Stirling's series, after the argument was raised to where it is exact to 15 digits. */
export function logGamma(x: number): number {
  let [z, shift] = [x, 0]
  for (; z < 15; z++) shift += Math.log(z)
  const r = 1 / (z * z)
  const series = (1 / 12 - r * (1 / 360 - r * (1 / 1_260 - r / 1_680))) / z
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series - shift
}
