// A metric as data: a number of the business at a time or in a period. Built-in metrics and those of a tenant have one form.

export const metricUnits = ['money', 'count', 'percent', 'ms', 'days', 'number'] as const
export type MetricUnit = (typeof metricUnits)[number]

export const metricGroups = ['revenue', 'pipeline', 'product', 'support', 'marketing', 'engagement', 'goals'] as const
export type MetricGroup = (typeof metricGroups)[number]

interface Described {
  readonly name: string
  readonly label: string
  readonly unit: MetricUnit
  readonly group?: MetricGroup
  /** Raises an alert while the value is beyond it. */
  readonly alert?: MetricAlert
}

export interface MetricAlert {
  readonly above?: number
  readonly below?: number
}

/**
 * A number over the entities of a Noun. A `level` counts those that match at a time, and a `flow` those whose time `at` lies
 * in a period. In the filter, the string `$now` is the end of the period, and `$now-P14D` 14 days before it.
 */
export interface EntityMetric extends Described {
  readonly kind: 'level' | 'flow'
  /** The Noun. */
  readonly from: string
  readonly filter?: Readonly<Record<string, unknown>>
  readonly as: 'count' | 'sum' | 'avg' | 'min' | 'max' | 'distinct' | 'median'
  /** An expression, as an aggregate takes it; several fields for `distinct`, of which the first with a value counts. */
  readonly value?: string | readonly string[]
  /** The datetime by which a flow counts. */
  readonly at?: string
  /** The period of a flow, as an ISO 8601 duration, if none is requested. */
  readonly over?: string
  /** The paths of the currency of an amount; the first with a value counts. */
  readonly currency?: readonly string[]
  /** Whether amounts are in minor units. */
  readonly isMinor?: boolean
}

/** A metric divided by another, times a factor; without `per`, a multiple of one. */
export interface RatioMetric extends Described {
  readonly kind: 'ratio'
  readonly of: string
  readonly per?: string
  /** Takes the denominator at the start of the period. */
  readonly isPerStart?: boolean
  readonly times?: number
  /** The result if the denominator is 0; null by default. */
  readonly ifZero?: number
  /** The period of parts that are flows, and before which the start lies. */
  readonly over?: string
}

/** The change of a metric since the beginning of a period, in percent. */
export interface GrowthMetric extends Described {
  readonly kind: 'growth'
  readonly of: string
  readonly over: string
}

/** The present value of the entities that counted at the beginning of a period, in percent of their value then. */
export interface RetentionMetric extends Described {
  readonly kind: 'retention'
  /** A level. */
  readonly of: string
  readonly over: string
}

export const movementParts = ['new', 'expansion', 'contraction', 'churn', 'reactivation'] as const
export type MovementPart = (typeof movementParts)[number]

/**
 * The gain or loss of a level in a period by one kind of change of its entities: those that began to count (`new`, or
 * `reactivation` if they had counted before), grew, shrank, or ceased to count. Losses are negative, so that the five parts add
 * up to the change of the level.
 */
export interface MovementMetric extends Described {
  readonly kind: 'movement'
  /** A level that is a sum or a count. */
  readonly of: string
  readonly part: MovementPart
  readonly over?: string
}

export type MetricDefinition = EntityMetric | RatioMetric | GrowthMetric | RetentionMetric | MovementMetric

/** The period of a metric that names none. */
export const defaultPeriod = 'P30D'
