// Parses the parameters of a funnel's analysis: its time, its window, and the groups of units to show.

import {
  addDuration,
  ObjectError,
  type Parameters as CallParameters,
  parseDuration,
  type TimeBucket,
  timeBuckets,
} from 'digital-objects'
import { rangeTime } from '../metrics/period.ts'
import type { FunnelQuestion } from './funnel-analysis.ts'

/** Throws an ObjectError that names the parameter. */
export function parseFunnelQuestion(
  parameters: CallParameters,
  { zone, untilMs }: { readonly zone: string; readonly untilMs: number },
): FunnelQuestion {
  const { from, to, within, step, by, filter } = parameters
  const startMs = from === undefined ? 0 : rangeTime('from', from, { zone, isEnd: false })
  const endMs = to === undefined ? untilMs : Math.min(untilMs, rangeTime('to', to, { zone, isEnd: true }))
  if (startMs >= endMs) throw wrong('from', 'a time before to, and before now', from)
  return {
    period: { startMs, endMs },
    zone,
    ...(within === undefined ? {} : { withinMs: parseWithin(within) }),
    ...(step === undefined ? {} : { step: parseStep(step) }),
    ...(by === undefined ? {} : { by }),
    ...(filter === undefined ? {} : { filter: parseCondition(filter) }),
  }
}

function parseWithin(text: string): number {
  const duration = parseDuration(text)
  const ms = duration === undefined ? 0 : addDuration(0, duration)
  if (ms > 0) return ms
  throw wrong('within', 'an ISO 8601 duration such as P7D', text)
}

function parseStep(text: string): TimeBucket {
  const step = timeBuckets.find((one) => one === text)
  if (step !== undefined) return step
  throw wrong('step', timeBuckets.join(', '), text)
}

function parseCondition(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw wrong('filter', 'a condition in JSON', text)
  }
}

function wrong(field: string, expected: string, got = ''): ObjectError {
  const message = `${field} expects ${expected}, got '${got.slice(0, 64)}'`
  return new ObjectError({ code: 'invalid_parameter', field, message })
}
