// The times at which a schedule calls its verb on one entity.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { type Duration, parseDuration } from '../base/duration.ts'
import { isDate, parseDatetime } from '../base/datetime.ts'
import { isPlainObject } from '../base/is-object.ts'
import type { Schedule } from '../noun/schedule.ts'
import type { TenantSettings } from '../settings/tenant-settings.ts'
import { addInZone, repeatedTime } from '../time/calendar-time.ts'
import { type Cron, nextCronTime, parseCron } from '../time/cron.ts'
import { instantOf } from '../time/zone.ts'
import { addBusinessDuration, settingAt, toDuration } from '../settings/target-time.ts'

export interface ScheduledEntity {
  readonly fields: EntityFields
  readonly createdAtMs: number
  readonly updatedAtMs: number
}

export interface DueContext {
  readonly settings: TenantSettings
  /** Returns the value of a field of the entity with this id, which a reference of the Noun names. */
  readonly related: (reference: string, id: string, field: string) => JsonValue | undefined
}

/** The times at which one entity is due. */
export type Timing =
  | { readonly kind: 'once'; readonly atMs: number }
  /** At `fromMs`, and again after each `every`. */
  | { readonly kind: 'every'; readonly fromMs: number; readonly every: Duration; readonly zone: string }
  | { readonly kind: 'cron'; readonly text: string; readonly cron: Cron; readonly zone: string }

const latestMs = Date.UTC(9_999, 11, 31)

/** Returns undefined if the entity does not wait for the schedule. */
export function timingOf(schedule: Schedule, entity: ScheduledEntity, context: DueContext): Timing | undefined {
  const { fields } = entity
  if (!fulfils(schedule, fields) || !isInForce(schedule, context.settings)) return undefined
  const zone = context.settings.timeZone
  if (schedule.cron !== undefined) {
    const text = typeof schedule.cron === 'string' ? schedule.cron : cronText(fields[schedule.cron.field])
    const cron = text === undefined ? undefined : parseCron(text)
    return text === undefined || cron === undefined ? undefined : { kind: 'cron', text, cron, zone }
  }
  const startMs = startOf(schedule, entity, zone)
  const atMs = startMs === undefined ? undefined : added(schedule, { startMs, fields, context })
  if (atMs === undefined || !(atMs <= latestMs)) return undefined
  const every = schedule.every === undefined ? undefined : parseDuration(schedule.every)
  return every === undefined ? { kind: 'once', atMs } : { kind: 'every', fromMs: atMs, every, zone }
}

/** Returns the first time after an instant; for a schedule without repetition its only time, also if that has passed. */
export function nextTime(timing: Timing, afterMs: number): number | undefined {
  switch (timing.kind) {
    case 'once':
      return timing.atMs
    case 'every': {
      const { fromMs, every, zone } = timing
      return repeatedTime(zone, { fromMs, every, afterMs })
    }
    default:
      return nextCronTime(timing.cron, timing.zone, afterMs)
  }
}

/** Whether two timings have the same times. */
export function isSameTiming(a: Timing | undefined, b: Timing | undefined): boolean {
  return JSON.stringify(plain(a)) === JSON.stringify(plain(b))
}

function plain(timing: Timing | undefined): unknown {
  return timing?.kind === 'cron' ? [timing.text, timing.zone] : timing
}

function fulfils({ when }: Schedule, fields: EntityFields): boolean {
  return Object.entries(when).every(([name, expected]) => {
    const value = fields[name] ?? null
    return expected === undefined || (Array.isArray(expected) ? expected.includes(value) : expected === value)
  })
}

function isInForce({ settings: expected = {} }: Schedule, settings: TenantSettings): boolean {
  return Object.entries(settings).every(([name, value]) => !Object.hasOwn(expected, name) || expected[name] === value)
}

/** Accepts `'0 9 * * MON'` and `{ cron: '0 9 * * MON' }`. */
function cronText(value: JsonValue | undefined): string | undefined {
  const text = isPlainObject(value) ? value['cron'] : value
  return typeof text === 'string' ? text : undefined
}

function startOf({ at }: Schedule, entity: ScheduledEntity, zone: string): number | undefined {
  for (const name of at) {
    if (name === '$createdAt') return entity.createdAtMs
    if (name === '$updatedAt') return entity.updatedAtMs
    const value = entity.fields[name]
    if (typeof value === 'string') return isDate(value) ? startOfDay(value, zone) : parseDatetime(value)
  }
  return undefined
}

function startOfDay(date: string, zone: string): number {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number)
  return instantOf(zone, { year, month, day, hour: 0, minute: 0, second: 0 })
}

interface Start {
  readonly startMs: number
  readonly fields: EntityFields
  readonly context: DueContext
}

function added(schedule: Schedule, { startMs, fields, context }: Start): number | undefined {
  if (schedule.after === undefined) return startMs
  const duration = durationOf(schedule.after, fields, context)
  if (duration === undefined) return undefined
  const { settings } = context
  return schedule.hours === 'business'
    ? addBusinessDuration(settings, startMs, duration)
    : addInZone(settings.timeZone, startMs, duration)
}

function durationOf(
  after: NonNullable<Schedule['after']>,
  fields: EntityFields,
  { settings, related }: DueContext,
): Duration | undefined {
  if (typeof after === 'string') return parseDuration(after)
  if ('setting' in after) return toDuration(settingAt(settings, after, fields))
  const id = fields[after.of]
  const days = typeof id === 'string' ? related(after.of, id, after.field) : undefined
  return toDuration(days) ?? parseDuration(after.otherwise)
}
