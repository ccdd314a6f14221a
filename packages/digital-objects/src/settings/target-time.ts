// Durations in the settings of a tenant, and the business time after them, for schedules and for fills.

import { type Duration, parseDuration } from '../base/duration.ts'
import type { EntityFields } from '../base/entity.ts'
import { isPlainObject } from '../base/is-object.ts'
import type { TenantSettings } from './tenant-settings.ts'
import { addBusinessTime } from '../time/business-time.ts'

const dayMs = 86_400_000

/** Returns undefined if the business does not open for so long again. A month counts as 30 days. */
export function addBusinessDuration(settings: TenantSettings, fromMs: number, duration: Duration): number | undefined {
  return addBusinessTime(settings, fromMs, duration.ms + duration.months * 30 * dayMs)
}

/** Numbers are days. */
export function toDuration(value: unknown): Duration | undefined {
  if (typeof value === 'number') return value >= 0 ? { months: 0, ms: Math.round(value * dayMs) } : undefined
  return typeof value === 'string' ? parseDuration(value) : undefined
}

/**
 * Returns the value of a setting at a path such as `sla.firstResponse`. `by` names the field whose value is the key in it, or
 * the place in a list, from 0; of a list without `by`, the last value counts.
 */
export function settingAt(
  settings: TenantSettings,
  { setting, by }: { readonly setting: string; readonly by?: string },
  fields: EntityFields,
): unknown {
  let value: unknown = settings
  for (const name of setting.split('.'))
    value = isPlainObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
  if (Array.isArray(value)) return by === undefined ? value.at(-1) : value[Number(fields[by] ?? 0)]
  if (by === undefined) return value
  const key = fields[by]
  return isPlainObject(value) && typeof key === 'string' && Object.hasOwn(value, key) ? value[key] : undefined
}
