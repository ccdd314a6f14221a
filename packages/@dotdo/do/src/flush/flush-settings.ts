// The settings of a flush: what an operator may change, the bounds and the defaults.

import { ObjectError, tryParseJson, isObject } from 'digital-objects'

interface Rule {
  readonly about: string
  readonly fallback: number
  /** Both ends inclusive. */
  readonly min: number
  readonly max: number
}

export const flushSettingRules = {
  intervalMs: {
    about: 'Milliseconds that a change waits for others before it is flushed.',
    fallback: 5_000,
    min: 100,
    max: 3_600_000,
  },
  eventsMax: {
    about: 'Events that are flushed at once, however short they have waited, and the most that one flush takes.',
    // A flush must fit into the CPU time of one alarm.
    fallback: 50_000,
    min: 1,
    max: 50_000,
  },
  tablesMs: {
    about: "Milliseconds between two commits to the Nouns' Iceberg tables.",
    fallback: 15_000,
    min: 100,
    max: 86_400_000,
  },
  wholeRows: {
    about: "Entities up to which a Noun's Iceberg table is one file, written again with each change.",
    // A row group has as many.
    fallback: 5_000,
    min: 0,
    max: 5_000,
  },
  graceMs: {
    about: 'Milliseconds for which replaced files and old snapshots stay for readers.',
    fallback: 600_000,
    min: 1_000,
    max: 30 * 86_400_000,
  },
  sealedEvents: {
    about: 'Events of a file that is not merged any more.',
    fallback: 25_000,
    min: 10,
    max: 50_000,
  },
  keptEvents: {
    about: 'Newest events whose texts stay in the object, where reads are fast.',
    fallback: 200_000,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  },
  deltaRowsMin: {
    about: "Rows of deltas that trigger a new base, if they are also half of the base's rows.",
    fallback: 20_000,
    min: 1,
    max: 1_000_000_000,
  },
  rowsPerStep: {
    about: 'Approximate rows per step of rewriting a base.',
    // About one file per step: a step has some 30 seconds of CPU.
    fallback: 120_000,
    min: 1,
    max: 1_000_000,
  },
} as const satisfies Readonly<Record<string, Rule>>

type SettingName = keyof typeof flushSettingRules

export type FlushSettings = { readonly [Name in SettingName]: number }

const names = Object.keys(flushSettingRules)

export const defaultFlushSettings: FlushSettings = {
  intervalMs: flushSettingRules.intervalMs.fallback,
  eventsMax: flushSettingRules.eventsMax.fallback,
  tablesMs: flushSettingRules.tablesMs.fallback,
  wholeRows: flushSettingRules.wholeRows.fallback,
  graceMs: flushSettingRules.graceMs.fallback,
  sealedEvents: flushSettingRules.sealedEvents.fallback,
  keptEvents: flushSettingRules.keptEvents.fallback,
  deltaRowsMin: flushSettingRules.deltaRowsMin.fallback,
  rowsPerStep: flushSettingRules.rowsPerStep.fallback,
}

/** Parses `{"intervalMs":1000}`; missing settings have their defaults. Throws an ObjectError that names the setting. */
export function parseFlushSettings(text: string | undefined): FlushSettings {
  if (text === undefined || text === '') return defaultFlushSettings
  const given: Partial<Record<SettingName, number>> = {}
  for (const [name, value] of Object.entries(parseObject(text))) {
    if (!isName(name)) throw invalidSetting(name, `expected one of ${names.join(', ')}`)
    const { min, max } = flushSettingRules[name]
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
      throw invalidSetting(name, `expected a whole number from ${min} to ${max}, got ${JSON.stringify(value)}`)
    given[name] = value
  }
  return { ...defaultFlushSettings, ...given }
}

function parseObject(text: string): object {
  const parsed = tryParseJson(text)
  if (isObject(parsed)) return parsed
  throw invalidSetting('settings', 'expected a JSON object')
}

function isName(name: string): name is SettingName {
  return Object.hasOwn(flushSettingRules, name)
}

function invalidSetting(name: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_parameter', field: name, message: `flush settings: '${name}': ${message}` })
}
