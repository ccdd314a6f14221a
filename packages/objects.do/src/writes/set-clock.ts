// `clock.set`: makes the tenant a test tenant, or advances its clock. It writes no event itself, but the jobs that become
// due may.

import {
  type ClockState,
  type Duration,
  type Fault,
  type JsonValue,
  ObjectError,
  parseDatetime,
  parseDuration,
} from 'digital-objects'
import { requireFullAuthority } from '../answers/require-full-authority.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { type Body, parseBody } from './parse-body.ts'
import type { Write, WriteAsked } from './write.ts'

/** The parsed body. */
export type ClockChange =
  | { readonly kind: 'set'; readonly nowMs: number }
  | { readonly kind: 'advance'; readonly by: Duration | { readonly untilMs: number } }

export const setClock: Write = {
  kind: 'write',
  name: 'clock.set',
  about: 'Give a tenant without entities a test clock, or advance it through the jobs that become due',
  routes: [{ methods: ['POST'], path: '/clock' }],
  listedAs: { tag: 'clock', operationId: 'clock.set' },
  parameters: {},
  body: { isRequired: true, schema: () => ref('ClockChange') },
  responses: () => ({
    200: jsonResponse('The clock, after all jobs that became due', ref('Clock')),
    202: jsonResponse('The clock, which is still being advanced; follow it with GET', ref('Clock')),
  }),

  async perform({ store }, { call, caller }) {
    requireFullAuthority(caller, 'the clock')
    refuseConditions(call)
    const change = parseClockChange(parseBody(call.body))
    const { tenant, context } = caller
    const state: ClockState =
      change.kind === 'set'
        ? store.setTestClock(change.nowMs, { name: tenant, context })
        : await store.advanceTestClock(change.by)
    return { body: JSON.stringify(state), ...(state.advancingTo === null ? {} : { isUnfinished: true }) }
  },
}

/** Throws an ObjectError unless the body is `{ now }` or `{ advance }`. */
export function parseClockChange(body: Body): ClockChange {
  const [name, ...others] = Object.keys(body)
  if (others.length > 0 || (name !== 'now' && name !== 'advance'))
    throw refuse(
      'body',
      `expects either 'now' or 'advance', got ${others.length > 0 ? 'several fields' : (name ?? 'none')}`,
    )
  const value = body[name]
  if (name === 'now') {
    const nowMs = typeof value === 'string' ? parseDatetime(value) : undefined
    if (nowMs === undefined) throw refuse(name, `expects a time such as 2026-01-01T00:00:00Z, got ${shorten(value)}`)
    return { kind: 'set', nowMs }
  }
  const duration = typeof value === 'string' ? parseDuration(value) : undefined
  if (duration !== undefined) return { kind: 'advance', by: duration }
  const untilMs = typeof value === 'string' ? parseDatetime(value) : undefined
  if (untilMs === undefined)
    throw refuse(name, `expects an ISO 8601 duration such as P1M or PT36H, or a time, got ${shorten(value)}`)
  return { kind: 'advance', by: { untilMs } }
}

/** Refuses conditions that need an event or an entity, which a clock does not have. */
function refuseConditions({ idempotencyKey, ifVersion, at }: WriteAsked['call']): void {
  const given = { 'Idempotency-Key': idempotencyKey, 'If-Match': ifVersion, 'X-Headlessly-At': at }
  const field = Object.entries(given).find(([, value]) => value !== undefined)?.[0]
  if (field === undefined) return
  throw new ObjectError({ code: 'invalid_parameter', field, message: `clock.set does not support ${field}` })
}

function refuse(field: string, message: string): ObjectError {
  const faults: readonly Fault[] = [{ field, message }]
  return new ObjectError({ code: 'validation_error', message: `clock: '${field}' ${message}`, faults })
}

function shorten(value: JsonValue | undefined): string {
  return JSON.stringify(value).slice(0, 64)
}
