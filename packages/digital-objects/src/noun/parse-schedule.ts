// Parses schedules from untrusted JSON. `check-schedules.ts` checks them against the Noun.

import type { Scalar } from '../base/entity.ts'
import { isPlainObject } from '../base/is-object.ts'
import type { After, ScheduleCondition, ScheduleDefinition, SettingCondition } from './schedule.ts'

/** A schedule that has not the form of one. `path` is the place inside it. */
export class WrongSchedule extends Error {
  readonly path: string

  constructor(path: string, expected: string) {
    super(expected)
    this.path = path
  }
}

const parts = ['call', 'name', 'at', 'when', 'settings', 'after', 'hours', 'every', 'cron'] as const
const fieldsMax = 10
const valuesMax = 50

/** Throws a WrongSchedule. */
export function parseSchedule(value: unknown): ScheduleDefinition {
  if (!isPlainObject(value)) throw new WrongSchedule('', `an object such as {"at":"dueAt","call":"remind"}`)
  const other = Object.keys(value).find((name) => !parts.some((part) => part === name))
  if (other !== undefined) throw new WrongSchedule('', `${parts.join(', ')}, not '${other.slice(0, 64)}'`)
  const { call, name, at, when, settings, after, hours, every, cron } = value
  if (hours !== undefined && hours !== 'business') throw new WrongSchedule('.hours', `'business'`)
  const parsed: ScheduleDefinition = {
    call: textOf('.call', call),
    ...(name === undefined ? {} : { name: textOf('.name', name) }),
    ...(at === undefined ? {} : { at: namesOf('.at', at) }),
    ...(when === undefined ? {} : { when: conditionOf(when) }),
    ...(settings === undefined ? {} : { settings: settingsOf(settings) }),
    ...(after === undefined ? {} : { after: afterOf(after) }),
    ...(hours === undefined ? {} : { hours }),
    ...(every === undefined ? {} : { every: textOf('.every', every) }),
    ...(cron === undefined ? {} : { cron: cronOf(cron) }),
  }
  // The order of the parts stays, on which the version of the definition depends.
  const entries = Object.entries(parsed)
  const places = Object.keys(value)
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => places.indexOf(a) - places.indexOf(b)),
  ) as unknown as ScheduleDefinition
}

function namesOf(path: string, value: unknown): string | readonly string[] {
  if (!Array.isArray(value)) return textOf(path, value)
  if (value.length === 0 || value.length > fieldsMax) throw new WrongSchedule(path, `1 to ${fieldsMax} fields`)
  return value.map((name) => textOf(path, name))
}

function conditionOf(value: unknown): ScheduleCondition {
  const entries = isPlainObject(value) ? Object.entries(value) : []
  if (!isPlainObject(value) || entries.length > fieldsMax)
    throw new WrongSchedule('.when', `an object of at most ${fieldsMax} fields, such as {"status":"Open"}`)
  return Object.fromEntries(
    entries.map(([name, values]) => {
      const path = `.when.${name.slice(0, 64)}`
      if (!Array.isArray(values)) return [name, scalarOf(path, values)]
      if (values.length === 0 || values.length > valuesMax) throw new WrongSchedule(path, `1 to ${valuesMax} values`)
      return [name, values.map((one) => scalarOf(path, one))]
    }),
  )
}

function settingsOf(value: unknown): SettingCondition {
  const entries = isPlainObject(value) ? Object.entries(value) : []
  if (entries.length === 0 || entries.length > fieldsMax)
    throw new WrongSchedule('.settings', `an object of 1 to ${fieldsMax} settings, such as {"currency":"EUR"}`)
  return Object.fromEntries(
    entries.map(([name, expected]) => {
      const path = `.settings.${name.slice(0, 64)}`
      if (expected === null) throw new WrongSchedule(path, 'a string, a number or a boolean')
      return [name, scalarOf(path, expected) ?? '']
    }),
  )
}

function afterOf(value: unknown): After {
  if (typeof value === 'string') return textOf('.after', value)
  const expected = `a duration, {"setting":"sla.firstResponse","by":"priority"} or {"of":"pipeline","field":"dealRotting","otherwise":"P14D"}`
  if (!isPlainObject(value)) throw new WrongSchedule('.after', expected)
  const names = Object.keys(value)
  if (names.every((name) => name === 'setting' || name === 'by')) {
    const { setting, by } = value
    const path = textOf('.after.setting', setting)
    return by === undefined ? { setting: path } : { setting: path, by: textOf('.after.by', by) }
  }
  if (!names.every((name) => ['of', 'field', 'otherwise'].includes(name))) throw new WrongSchedule('.after', expected)
  const { of, field, otherwise } = value
  return {
    of: textOf('.after.of', of),
    field: textOf('.after.field', field),
    otherwise: textOf('.after.otherwise', otherwise),
  }
}

function cronOf(value: unknown): string | { readonly field: string } {
  if (typeof value === 'string') return textOf('.cron', value)
  if (!isPlainObject(value) || Object.keys(value).join() !== 'field')
    throw new WrongSchedule('.cron', `'0 9 * * MON' or {"field":"schedule"}`)
  return { field: textOf('.cron.field', value['field']) }
}

function scalarOf(path: string, value: unknown): Scalar | null {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value
  return textOf(path, value)
}

function textOf(path: string, value: unknown): string {
  if (typeof value === 'string' && value !== '' && value.length <= 200 && value.isWellFormed()) return value
  throw new WrongSchedule(path, 'a string of 1 to 200 characters')
}
