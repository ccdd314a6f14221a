// `$.metrics`: the numbers of the business, now, as of a time, and as series.

import type { MetricUnit, TimeBucket } from 'digital-objects'
import { checkOptions, type OptionKinds } from '../base/check-options.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { CallOptions } from '../calls/call-options.ts'
import type { Session } from '../calls/session.ts'

export interface MetricOptions extends CallOptions {
  /** The periods of a series: of a level, the value at the end of each. */
  readonly step?: TimeBucket | undefined
  /** The first day of the series, or a time. */
  readonly from?: string | Date | undefined
  /** The last day of the series, or the time before which it ends. */
  readonly to?: string | Date | undefined
  /** Adds the series of as many periods before. */
  readonly compare?: 'previous' | undefined
  /** The state that was known at this time. */
  readonly asOf?: string | Date | undefined
}

export interface MetricPoint {
  /** `2026-03-05`, `2026-W10`, `2026-03`, ... */
  readonly date: string
  /** Null if there is none, or if nothing is known of the period. */
  readonly value: number | null
  /** Amounts in other currencies. */
  readonly byCurrency?: Readonly<Record<string, number>>
}

export interface MetricReport {
  readonly $type: 'Metric'
  readonly name: string
  readonly label: string
  readonly unit: MetricUnit
  /** ISO 4217 code of amounts, which are in major units. */
  readonly currency?: string
  readonly value: number | null
  readonly byCurrency?: Readonly<Record<string, number>>
  /** The value one period before; null if nothing is known of it. */
  readonly previous: number | null
  readonly change: number | null
  /** `+8.2%` */
  readonly trend: string | null
  /** The length of the period: `P30D`. */
  readonly period: string
  readonly asOf: string
  /** The time since which anything is known, or null if nothing is. Values before it are null. */
  readonly began: string | null
}

/** The series of a metric, if one was requested. */
export interface MetricSeries extends MetricReport {
  readonly step: TimeBucket
  readonly history: readonly MetricPoint[]
  readonly previousHistory?: readonly MetricPoint[]
}

export interface MetricValues {
  readonly $type: 'Metrics'
  readonly asOf: string
  readonly currency: string
  readonly [group: string]: string | Readonly<Record<string, number | null>>
}

type Ranged = { readonly step: TimeBucket } | { readonly from: string | Date } | { readonly to: string | Date }

export interface Metrics {
  /** Returns a metric by its name, such as `mrr`; with `step`, `from` or `to`, its series too. */
  get<Options extends MetricOptions>(
    name: string,
    options?: Options,
  ): Promise<Options extends Ranged ? MetricSeries : MetricReport>
  /** Returns the values of all metrics by group. */
  all(options?: CallOptions & { readonly asOf?: string | Date | undefined }): Promise<MetricValues>
}

const kinds = {
  step: 'string',
  from: 'time',
  to: 'time',
  compare: 'string',
  asOf: 'time',
  signal: 'signal',
} as const satisfies OptionKinds

export function makeMetrics(session: () => Session): Metrics {
  const read = async (read: 'metric' | 'metrics', given: MetricOptions, id?: string): Promise<unknown> => {
    checkOptions(given, { what: id === undefined ? 'metrics.all' : 'metrics.get', kinds })
    const { signal, ...options } = given
    const parameters = Object.entries(options).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value instanceof Date ? value.toISOString() : value] as const],
    )
    const call = {
      kind: 'read',
      read,
      parameters: Object.fromEntries(parameters),
      ...(id === undefined ? {} : { id }),
    } as const
    const { body } = await session().send(call, signal)
    if (typeof body === 'object' && body !== null && '$type' in body) return body
    throw new HeadlesslyError({ code: 'unexpected_answer', message: 'expected metrics from the server' })
  }
  return Object.freeze<Metrics>({
    // The rest of the body is the server's own.
    get: async (name: string, options: MetricOptions = {}) => (await read('metric', options, name)) as never,
    all: async (options = {}) => (await read('metrics', options)) as MetricValues,
  })
}
