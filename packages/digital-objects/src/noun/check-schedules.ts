// Checks the schedules of a Noun against its fields and verbs.

import type { Scalar } from '../base/entity.ts'
import { parseDuration } from '../base/duration.ts'
import type { ObjectError } from '../base/object-error.ts'
import { settingNames, settingTable } from '../settings/tenant-settings.ts'
import { WrongSetting } from '../settings/setting-checks.ts'
import { parseCron } from '../time/cron.ts'
import { invalidDefinition } from './invalid-definition.ts'
import { type Schedule, type ScheduleDefinition, scheduleMetaFields } from './schedule.ts'
import type { Field, NounSchema, StoredField, Verb } from './schema.ts'
import { checkEffectValue } from './validate-value.ts'

const schedulesMax = 20

interface Owner {
  readonly noun: string
  readonly fields: Readonly<Record<string, Field>>
  readonly verbs: Readonly<Record<string, Verb>>
  /** The schedule, for error messages: `schedules[0]`. */
  readonly place: string
}

/** Throws an ObjectError `invalid_definition`. */
export function checkSchedules({ name: noun, fields, verbs, schedules }: NounSchema): void {
  if (schedules.length > schedulesMax)
    throw invalidDefinition('schedules', `${noun}: at most ${schedulesMax} schedules, got ${schedules.length}`)
  for (const [at, schedule] of schedules.entries())
    checkSchedule({ noun, fields, verbs, place: `schedules[${at}]` }, schedule)
  const twice = schedules.find(({ name }, at) => schedules.findIndex((other) => other.name === name) !== at)
  if (twice !== undefined)
    throw invalidDefinition('schedules', `${noun}: two schedules have the name '${twice.name}'; give one a 'name'`)
}

function checkSchedule(owner: Owner, schedule: Schedule): void {
  const { call, name, when, settings = {} } = schedule
  if (!/^[A-Za-z][A-Za-z0-9]{0,62}$/.test(name))
    throw wrong(owner, `a name of letters and digits, got '${shorten(name)}'`)
  const verb = Object.hasOwn(owner.verbs, call) ? owner.verbs[call] : undefined
  if (verb === undefined || verb.category === 'crud' || verb.effect.creates === true)
    throw wrong(owner, `a custom verb that changes an entity in 'call', got '${shorten(call)}'`)
  checkTimes(owner, schedule)
  for (const [field, values = []] of Object.entries(when))
    checkCondition(owner, field, Array.isArray(values) ? values : [values])
  for (const [setting, value] of Object.entries(settings)) checkSetting(owner, setting, value)
}

function checkTimes(owner: Owner, { at, cron, every, after, hours }: Schedule): void {
  if ((cron === undefined) === (at.length === 0)) throw wrong(owner, `either 'at' or 'cron'`)
  if (cron !== undefined && (every !== undefined || after !== undefined || hours !== undefined))
    throw wrong(owner, `'cron' without 'every', 'after' and 'hours'`)
  for (const name of at) {
    const field = scheduleMetaFields.includes(name) ? undefined : storedField(owner, name)
    const isTime = field?.kind === 'data' && !field.many && ['datetime', 'date'].includes(field.type)
    if (field !== undefined && !isTime) throw wrong(owner, `a datetime or date field in 'at', got '${shorten(name)}'`)
  }
  if (typeof cron === 'string' && parseCron(cron) === undefined)
    throw wrong(owner, `five fields such as '0 9 * * MON' in 'cron', got '${shorten(cron)}'`)
  if (typeof cron === 'object') storedField(owner, cron.field)
  checkEvery(owner, every)
  checkAfter(owner, after)
  if (hours !== undefined && after === undefined) throw wrong(owner, `'after' beside 'hours'`)
}

function checkEvery(owner: Owner, every: string | undefined): void {
  if (every === undefined) return
  const duration = parseDuration(every)
  const isLongEnough = duration !== undefined && (duration.months > 0 || duration.ms >= 60_000)
  if (!isLongEnough) throw wrong(owner, `an ISO 8601 duration of at least a minute in 'every', got '${shorten(every)}'`)
}

function checkAfter(owner: Owner, after: ScheduleDefinition['after']): void {
  if (after === undefined) return
  if (typeof after === 'string') {
    if (parseDuration(after) === undefined)
      throw wrong(owner, `an ISO 8601 duration such as P3D in 'after', got '${shorten(after)}'`)
    return
  }
  if ('setting' in after) {
    const [root = ''] = after.setting.split('.', 1)
    if (!settingNames.some((name) => name === root))
      throw wrong(owner, `a setting (${settingNames.join(', ')}), got '${shorten(after.setting)}'`)
    if (after.by !== undefined) storedField(owner, after.by)
    return
  }
  const field = storedField(owner, after.of)
  if (field.kind !== 'reference' || field.many) throw wrong(owner, `a reference in 'of', got '${shorten(after.of)}'`)
  if (parseDuration(after.otherwise) === undefined)
    throw wrong(owner, `an ISO 8601 duration in 'otherwise', got '${shorten(after.otherwise)}'`)
}

function checkCondition(owner: Owner, name: string, values: readonly (Scalar | null)[]): void {
  const field = storedField(owner, name)
  for (const value of values) {
    if (value === null) continue
    const checked = checkEffectValue(field, value)
    if (!checked.ok) throw wrong(owner, `a value of ${name} in 'when': it ${checked.message}`)
  }
}

/** A value that the setting can never have would make the schedule wait for ever. */
function checkSetting(owner: Owner, name: string, value: Scalar | undefined): void {
  const known = settingNames.find((one) => one === name)
  if (known === undefined)
    throw wrong(owner, `a setting (${settingNames.join(', ')}) in 'settings', got '${shorten(name)}'`)
  try {
    settingTable[known].check(value)
  } catch (error) {
    if (!(error instanceof WrongSetting)) throw error
    throw wrong(owner, `a value of ${known} in 'settings': it ${error.message}`)
  }
}

function storedField(owner: Owner, name: string): StoredField {
  const field = Object.hasOwn(owner.fields, name) ? owner.fields[name] : undefined
  if (field === undefined || field.kind === 'reverse') throw wrong(owner, `a stored field, got '${shorten(name)}'`)
  return field
}

function wrong({ noun, place }: Owner, expected: string): ObjectError {
  return invalidDefinition(place, `${noun}: ${place} expects ${expected}`)
}

function shorten(text: string): string {
  return text.slice(0, 64)
}
