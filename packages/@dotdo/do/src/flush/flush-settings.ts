// The settings of a flush: what an operator may change, the bounds and the defaults.

import { ObjectError, tryParseJson, isObject } from 'digital-objects'

export interface FlushSettings {
  /** How long a change waits for others before it is flushed. */
  readonly intervalMs: number
  /** This many events are flushed at once, however short they have waited. One flush takes at most this many. */
  readonly eventsMax: number
  /** How long replaced files and old snapshots stay for readers. */
  readonly graceMs: number
  /** A file with this many events is not merged any more. */
  readonly sealedEvents: number
  /** This many of the newest events keep their texts in the object, where reads are fast. */
  readonly keptEvents: number
  /** Deltas with at least this many rows, and a quarter of the base's rows, trigger a new base. */
  readonly deltaRowsMin: number
  /** Approximate rows per step of rewriting a base. */
  readonly rowsPerStep: number
}

export const defaultFlushSettings: FlushSettings = {
  intervalMs: 5_000,
  // A flush must fit into the CPU time of one alarm.
  eventsMax: 50_000,
  graceMs: 600_000,
  sealedEvents: 25_000,
  keptEvents: 200_000,
  deltaRowsMin: 20_000,
  // About one file per step: a step has some 30 seconds of CPU.
  rowsPerStep: 120_000,
}

/** Both ends inclusive. */
const bounds: Readonly<Record<keyof FlushSettings, readonly [number, number]>> = {
  intervalMs: [100, 3_600_000],
  eventsMax: [1, 50_000],
  graceMs: [1_000, 30 * 86_400_000],
  sealedEvents: [10, 50_000],
  keptEvents: [0, Number.MAX_SAFE_INTEGER],
  deltaRowsMin: [1, 1_000_000_000],
  rowsPerStep: [1, 1_000_000],
}

/** Parses `{"intervalMs":1000}`; missing settings have their defaults. Throws an ObjectError that names the setting. */
export function parseFlushSettings(text: string | undefined): FlushSettings {
  if (text === undefined || text === '') return defaultFlushSettings
  const settings: Record<keyof FlushSettings, number> = { ...defaultFlushSettings }
  for (const [name, value] of Object.entries(parseObject(text))) {
    if (!isName(name)) throw invalidSetting(name, `expected one of ${Object.keys(bounds).join(', ')}`)
    const [min, max] = bounds[name]
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
      throw invalidSetting(name, `expected a whole number from ${min} to ${max}, got ${JSON.stringify(value)}`)
    settings[name] = value
  }
  return settings
}

function parseObject(text: string): object {
  const parsed = tryParseJson(text)
  if (isObject(parsed)) return parsed
  throw invalidSetting('settings', 'expected a JSON object')
}

function isName(name: string): name is keyof FlushSettings {
  return Object.hasOwn(bounds, name)
}

function invalidSetting(name: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_parameter', field: name, message: `flush settings: '${name}': ${message}` })
}
