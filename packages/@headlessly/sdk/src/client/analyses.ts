// `$.analysis()` and `$.members()`: the steps of a funnel, the variants of an experiment, the progress of a goal, and the
// members of a segment, as they are now or were at a time.

import type { Entity, JsonValue, TimeBucket } from 'digital-objects'
import { checkOptions, type OptionKinds } from '../base/check-options.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { type Page, toPage } from '../calls/listing.ts'
import type { CallOptions } from '../calls/call-options.ts'
import type { Session } from '../calls/session.ts'

export interface AnalysisOptions extends CallOptions {
  readonly asOf?: string | Date | undefined
}

export interface FunnelOptions extends AnalysisOptions {
  /** The first day, or a time. */
  readonly from?: string | Date | undefined
  /** The last day, or the time before which it ends. */
  readonly to?: string | Date | undefined
  /** The time in which all steps are taken: `P7D`. */
  readonly within?: string | undefined
  /** Adds the units by the period in which they began. */
  readonly step?: TimeBucket | undefined
  /** Adds the units by a field of their first step: `properties.plan`. */
  readonly by?: string | undefined
  /** Limits the analysis to units whose first step matches. */
  readonly filter?: Readonly<Record<string, unknown>> | undefined
}

export interface FunnelCounts {
  readonly steps: readonly {
    readonly name: string
    readonly count: number
    readonly rate: number
    readonly dropOff: number
    readonly medianTime: number | null
  }[]
  readonly conversionRate: number
  readonly total: number
}

export interface FunnelAnalysis extends FunnelCounts {
  readonly periods?: readonly (FunnelCounts & { readonly period: string })[]
  readonly groups?: readonly (FunnelCounts & { readonly value: JsonValue })[]
}

export interface ExperimentAnalysis {
  readonly metric: string
  /** The first one is the control. */
  readonly variants: readonly {
    readonly key: string
    readonly name: string
    readonly participants: number
    readonly conversions: number
    readonly rate: number
    /** The mean over all units, for a metric that adds up values. */
    readonly mean?: number
    readonly lift: number | null
    readonly p: number | null
  }[]
  readonly sampleSize: number
  readonly conversions: number
  readonly winner: string | null
  /** From 0 to 1. */
  readonly confidence: number | null
  readonly lift: number | null
  readonly isSignificant: boolean
}

export interface GoalAnalysis {
  readonly target: number
  readonly current: number | null
  /** Percent from 0 to 100. */
  readonly progress: number | null
  readonly status: 'OnTrack' | 'AtRisk' | 'Behind' | null
  readonly isReached: boolean
  readonly isOpen: boolean
}

/** Nouns of your own have the analysis of their role, which the compiler does not know. */
export interface Analysis {
  (noun: 'Funnel', id: string, options?: FunnelOptions): Promise<FunnelAnalysis>
  (noun: 'Experiment', id: string, options?: AnalysisOptions): Promise<ExperimentAnalysis>
  (noun: 'Goal', id: string, options?: AnalysisOptions): Promise<GoalAnalysis>
  (noun: string, id: string, options?: FunnelOptions): Promise<object>
}

export interface MembersOptions extends CallOptions {
  readonly filter?: Readonly<Record<string, unknown>> | undefined
  /** `-leadScore,name` */
  readonly sort?: string | undefined
  /** 25 by default, and at most 100. */
  readonly limit?: number | undefined
  /** That of the page before. */
  readonly cursor?: string | undefined
  readonly count?: 'exact' | undefined
  readonly asOf?: string | Date | undefined
}

export type Members = (noun: string, id: string, options?: MembersOptions) => Promise<Page<Entity>>

const analysisKinds = {
  from: 'time',
  to: 'time',
  within: 'string',
  step: 'string',
  by: 'string',
  filter: 'any',
  asOf: 'time',
  signal: 'signal',
} as const satisfies OptionKinds

const membersKinds = {
  filter: 'any',
  sort: 'string',
  limit: 'number',
  cursor: 'string',
  count: 'string',
  asOf: 'time',
  signal: 'signal',
} as const satisfies OptionKinds

export function makeAnalysis(session: () => Session): Analysis {
  const analysis = async (noun: string, id: string, options: FunnelOptions = {}): Promise<object> => {
    checkOptions(options, { what: 'analysis', kinds: analysisKinds })
    return readOf(session(), { read: 'analysis', noun, id }, options)
  }
  return analysis as Analysis // the server answers by the role of the Noun
}

export function makeMembers(session: () => Session): Members {
  return async (noun, id, options = {}) => {
    checkOptions(options, { what: 'members', kinds: membersKinds })
    const body = await readOf(session(), { read: 'members', noun, id }, options)
    const { results, ...page } = body as Page<Entity> & { readonly results: Entity[] } // the server's own
    return toPage(results, page)
  }
}

async function readOf(
  session: Session,
  call: { readonly read: string; readonly noun: string; readonly id: string },
  { signal, ...options }: FunnelOptions | MembersOptions,
): Promise<object> {
  const parameters = Object.entries(options).flatMap(([name, value]: [string, unknown]) =>
    value === undefined ? [] : [[name, textOf(value)] as const],
  )
  const { body } = await session.send({ kind: 'read', ...call, parameters: Object.fromEntries(parameters) }, signal)
  if (typeof body === 'object' && body !== null) return body
  throw new HeadlesslyError({ code: 'unexpected_answer', message: `expected ${call.read} from the server` })
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'string' ? value : JSON.stringify(value)
}
