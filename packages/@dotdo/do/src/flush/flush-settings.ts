// How a tenant is flushed: what an operator may change, within what bounds, and what holds otherwise.

import { ObjectError, tryParseJson, isObject } from 'digital-objects'

export interface FlushSettings {
  /** How long a change waits for others before it is flushed. */
  readonly intervalMs: number
  /** So many events are flushed at once, however short they have waited; one flush takes no more. */
  readonly eventsMax: number
  /** How long a replaced file and an old snapshot stay for readers. */
  readonly graceMs: number
  /** A file of so many events is not merged any more. */
  readonly sealedEvents: number
  /** The newest events keep their texts in the object, where they are read at once. */
  readonly keptEvents: number
  /** Deltas with so many rows, and a quarter as many as their base, become a new base. */
  readonly deltaRowsMin: number
  /** One step of rewriting a base takes about so many rows. */
  readonly rowsPerStep: number
}

export const defaultFlushSettings: FlushSettings = {
  intervalMs: 5_000,
  // One flush has to be done within the CPU of one alarm.
  eventsMax: 50_000,
  graceMs: 600_000,
  sealedEvents: 25_000,
  keptEvents: 200_000,
  deltaRowsMin: 20_000,
  // About one file: a step has some 30 seconds of CPU.
  rowsPerStep: 120_000,
}

/** Inclusive. */
const bounds: Readonly<Record<keyof FlushSettings, readonly [number, number]>> = {
  intervalMs: [100, 3_600_000],
  eventsMax: [1, 50_000],
  graceMs: [1_000, 30 * 86_400_000],
  sealedEvents: [10, 50_000],
  keptEvents: [0, Number.MAX_SAFE_INTEGER],
  deltaRowsMin: [1, 1_000_000_000],
  rowsPerStep: [1, 1_000_000],
}

/** Reads `{"intervalMs":1000}`; what it does not name is as by default. Throws an ObjectError that names the setting. */
export function parseFlushSettings(text: string | undefined): FlushSettings {
  if (text === undefined || text === '') return defaultFlushSettings
  const settings: Record<keyof FlushSettings, number> = { ...defaultFlushSettings }
  for (const [name, value] of Object.entries(parseObject(text))) {
    if (!isName(name)) throw wrong(name, `expected one of ${Object.keys(bounds).join(', ')}`)
    const [min, max] = bounds[name]
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
      throw wrong(name, `expected a whole number from ${min} to ${max}, got ${JSON.stringify(value)}`)
    settings[name] = value
  }
  return settings
}

function parseObject(text: string): object {
  const parsed = tryParseJson(text)
  if (isObject(parsed)) return parsed
  throw wrong('settings', 'expected a JSON object')
}

function isName(name: string): name is keyof FlushSettings {
  return Object.hasOwn(bounds, name)
}

function wrong(name: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_parameter', field: name, message: `flush settings: '${name}': ${message}` })
}
