// The analysis of an experiment: the units that saw each variant, those of them that converted afterwards, and whether the
// variants differ from the first one, the control, by more than chance.

import { type Entity, ObjectError, parseValueExpression, parseValuePath } from 'digital-objects'
import type { MetricCatalog } from '../metrics/metric-catalog.ts'
import type { Period } from '../metrics/period.ts'
import { tidy } from '../metrics/metric-value.ts'
import { exposuresOf } from './exposure.ts'
import type { ProductParts } from './product-parts.ts'
import { compareProportions, holmAdjusted, type Proportion } from './significance.ts'
import { amountsOf, edgesOf, type MomentSource, readKey, type SourceDefinition, sourceOf } from './unit-moments.ts'
import { compareMeans, type Sample, sampleOf } from './welch.ts'
import { type Variant, variantsOf } from './variants.ts'

export interface VariantResult {
  readonly key: string
  readonly name: string
  readonly participants: number
  readonly conversions: number
  readonly rate: number
  /** The gain over the control as a fraction; null for the control, or if it has no conversions. */
  readonly lift: number | null
  /** The mean of the metric over all units, for a metric that adds up values. */
  readonly mean?: number
  /** The probability of such a difference from the control by chance; null for the control, or without enough units. */
  readonly p: number | null
}

export interface ExperimentReport {
  readonly metric: string
  readonly variants: readonly VariantResult[]
  readonly sampleSize: number
  readonly conversions: number
  /** The variant with the best rate, or the best mean; null without conversions. */
  readonly winner: string | null
  /** From 0 to 1, how certain it is that the winner differs from the control. */
  readonly confidence: number | null
  /** The gain of the winner over the control as a fraction. */
  readonly lift: number | null
  readonly isSignificant: boolean
}

/** The usual level of 95 percent. */
const significantFrom = 0.95

/** Throws an ObjectError if the experiment says too little. */
export function analyzeExperiment(
  parts: ProductParts & { readonly catalog: Pick<MetricCatalog, 'find'> },
  experiment: Entity,
  nowMs: number,
): ExperimentReport {
  const variants = variantsOf(experiment['variants'])
  if (variants.length < 2) throw missing('variants', 'a list of at least 2 variants')
  const metric = experiment['primaryMetric']
  if (typeof metric !== 'string' || metric === '') throw missing('primaryMetric', 'the name of an event or of a metric')
  const period = periodOf(experiment, nowMs)
  const exposed = exposedTo(parts, experiment.$id, period)
  const { value, ...conversion } = conversionOf(parts, metric)
  const source = sourceOf(parts, conversion)
  const converted = edgesOf(parts, source, { period, edge: 'max' })
  const last = new Map(converted.map(({ unit, atMs }) => [unit, atMs]))
  const counts = new Map(variants.map(({ key }) => [key, { trials: 0, successes: 0 }]))
  for (const [unit, { variant, atMs }] of exposed) {
    const count = counts.get(variant)
    if (count === undefined) continue
    count.trials++
    if ((last.get(unit) ?? -Infinity) >= atMs) count.successes++
  }
  const samples = value === undefined ? undefined : samplesOf(parts, { source, value, period, exposed })
  return { metric, ...reportOf(variants, counts, samples) }
}

type Exposures = ReadonlyMap<string, { readonly variant: string; readonly atMs: number }>

/** The value that each unit of a variant brought since it was exposed, 0 included. */
function samplesOf(
  parts: ProductParts,
  {
    source,
    value: text,
    period,
    exposed,
  }: {
    readonly source: MomentSource
    readonly value: string
    readonly period: Period
    readonly exposed: Exposures
  },
): ReadonlyMap<string, Sample> {
  const value = parseValueExpression({ parameter: 'value', text }, { schema: source.noun, lookup: parts.lookup })
  const brought = new Map([...exposed.keys()].map((unit) => [unit, 0]))
  for (const { unit, atMs, amount } of amountsOf(parts, source, { period, value })) {
    const exposure = exposed.get(unit)
    if (exposure !== undefined && atMs >= exposure.atMs) brought.set(unit, (brought.get(unit) ?? 0) + amount)
  }
  const byVariant = Map.groupBy([...brought], ([unit]) => exposed.get(unit)?.variant ?? '')
  return new Map([...byVariant].map(([variant, units]) => [variant, sampleOf(units.map(([, amount]) => amount))]))
}

function periodOf({ startAt, endAt }: Entity, nowMs: number): Period {
  const startMs = typeof startAt === 'string' ? Date.parse(startAt) : 0
  return { startMs, endMs: typeof endAt === 'string' ? Math.min(nowMs, Date.parse(endAt) + 1) : nowMs }
}

/** The first exposure of each unit decides. */
function exposedTo(parts: ProductParts, experiment: string, period: Period): Exposures {
  const source = exposuresOf(parts, experiment)
  const context = { schema: source.noun, lookup: parts.lookup }
  const path = parseValuePath({ parameter: 'variant', text: 'properties.variant' }, context)
  const found = new Map<string, { readonly variant: string; readonly atMs: number }>()
  for (const { unit, atMs, values } of edgesOf(parts, source, {
    period,
    edge: 'min',
    terms: [{ name: 'variant', ...path }],
  })) {
    const known = found.get(unit)
    const variant = String(readKey(values[0] ?? null, path.storage))
    if (known === undefined || atMs < known.atMs) found.set(unit, { variant, atMs })
  }
  return found
}

/** A metric of what happens, with the value that it adds up, or else the events of that name. */
function conversionOf(
  { catalog }: { readonly catalog: Pick<MetricCatalog, 'find'> },
  metric: string,
): SourceDefinition & { readonly value?: string } {
  const definition = catalog.find(metric)
  if (definition === undefined) return { event: metric }
  if (definition.kind !== 'flow')
    throw missing(
      'primaryMetric',
      `an event, or a metric of the kind flow, and '${metric.slice(0, 64)}' is a ${definition.kind}`,
    )
  const { from, filter, at, as, value } = definition
  return {
    from,
    ...(filter === undefined ? {} : { filter }),
    ...(at === undefined ? {} : { at }),
    ...(as === 'sum' && typeof value === 'string' ? { value } : {}),
  }
}

function reportOf(
  variants: readonly Variant[],
  counts: ReadonlyMap<string, Proportion>,
  samples: ReadonlyMap<string, Sample> | undefined,
): Omit<ExperimentReport, 'metric'> {
  const of = (key: string): Proportion => counts.get(key) ?? { successes: 0, trials: 0 }
  const rateOf = ({ successes, trials }: Proportion): number => (trials === 0 ? 0 : successes / trials)
  const [control, ...others] = variants.map(({ key }) => key)
  const base = of(control ?? '')
  const sample = (key: string): Sample => samples?.get(key) ?? sampleOf([])
  const compared = others.map((key) =>
    samples === undefined ? compareProportions(base, of(key))?.p : compareMeans(sample(control ?? ''), sample(key))?.p,
  )
  const scoreOf = (key: string): number => (samples === undefined ? rateOf(of(key)) : sample(key).mean)
  const baseScore = scoreOf(control ?? '')
  const adjusted = holmAdjusted(compared.map((p) => p ?? 1))
  const results = variants.map(({ key, name }, at): VariantResult => {
    const count = of(key)
    const isControl = at === 0
    return {
      key,
      name,
      participants: count.trials,
      conversions: count.successes,
      rate: tidy(rateOf(count)),
      ...(samples === undefined ? {} : { mean: tidy(sample(key).mean) }),
      lift: isControl || baseScore === 0 ? null : tidy((scoreOf(key) - baseScore) / baseScore),
      p: isControl || compared[at - 1] === undefined ? null : tidy(adjusted[at - 1] ?? 1),
    }
  })
  const sampleSize = results.reduce((sum, { participants }) => sum + participants, 0)
  const conversions = results.reduce((sum, { conversions: own }) => sum + own, 0)
  return { variants: results, sampleSize, conversions, ...winnerOf(results) }
}

function winnerOf(
  results: readonly VariantResult[],
): Pick<ExperimentReport, 'winner' | 'confidence' | 'lift' | 'isSignificant'> {
  const score = ({ mean, rate }: VariantResult): number => mean ?? rate
  const best = results.reduce((a, b) => (score(b) > score(a) ? b : a))
  if (best.conversions === 0) return { winner: null, confidence: null, lift: null, isSignificant: false }
  // A control that wins is as certain as its comparison with the least certain of the others.
  const own = best === results[0] ? results.slice(1).map(({ p }) => p ?? 1) : [best.p ?? 1]
  const confidence = tidy(1 - Math.max(...own))
  const lift = best === results[0] ? 0 : best.lift
  return { winner: best.key, confidence, lift, isSignificant: confidence >= significantFrom }
}

function missing(field: string, expected: string): ObjectError {
  return new ObjectError({ code: 'validation_error', field, message: `an experiment's ${field} expects ${expected}` })
}
