// The conditions of a workflow: `[{ field: 'value', op: '$gte', value: 1000 }]`, all of which the entity of the event must meet.

import { isPlainObject, type JsonValue } from 'digital-objects'
import { invalid, type Json } from './parse-workflow.ts'

type Test = (value: JsonValue | undefined, wanted: JsonValue) => boolean

const isOrdered = (value: JsonValue | undefined, wanted: JsonValue): boolean =>
  (typeof value === 'number' && typeof wanted === 'number') || (typeof value === 'string' && typeof wanted === 'string')
const compare =
  (holds: (order: number) => boolean): Test =>
  (value, wanted) => {
    if (!isOrdered(value, wanted) || value === undefined || value === null || wanted === null) return false
    return holds(value < wanted ? -1 : value > wanted ? 1 : 0)
  }
const isIn: Test = (value, wanted) => Array.isArray(wanted) && wanted.some((one) => has(value, one as JsonValue))

/** A list has a value if it contains it. */
function has(value: JsonValue | undefined, wanted: JsonValue): boolean {
  return Array.isArray(value) ? value.includes(wanted) : value === wanted
}

const tests: Readonly<Record<string, Test>> = {
  $eq: has,
  $ne: (value, wanted) => !has(value, wanted),
  $gt: compare((order) => order > 0),
  $gte: compare((order) => order >= 0),
  $lt: compare((order) => order < 0),
  $lte: compare((order) => order <= 0),
  $in: isIn,
  $nin: (value, wanted) => !isIn(value, wanted),
  $exists: (value, wanted) => (value !== undefined) === wanted,
}

const conditionsMax = 64

/** Throws an ObjectError `validation_error` that names the condition. */
export function checkConditions(conditions: JsonValue | undefined): void {
  if (conditions === undefined) return
  if (!Array.isArray(conditions) || conditions.length > conditionsMax)
    throw invalid('conditions', `expects a list of at most ${conditionsMax} conditions`)
  for (const [at, condition] of conditions.entries()) {
    const place = `conditions[${at}]`
    if (!isPlainObject(condition)) throw invalid(place, 'expects { field, op, value }')
    const { field, op = '$eq', value } = condition as Json
    if (typeof field !== 'string' || field === '') throw invalid(`${place}.field`, 'expects the name of a field')
    if (!Object.hasOwn(tests, String(op)))
      throw invalid(`${place}.op`, `expects one of ${Object.keys(tests).join(', ')}`)
    if (value === undefined) throw invalid(`${place}.value`, 'is required')
  }
}

/** A path leads into `json` fields: `metadata.region`. Conditions of another form hold for nothing. */
export function holdConditions(conditions: JsonValue | undefined, entity: Json): boolean {
  if (conditions === undefined) return true
  if (!Array.isArray(conditions)) return false
  return conditions.every((condition: JsonValue) => {
    if (!isPlainObject(condition)) return false
    const { field, op = '$eq', value } = condition as Json
    const test = Object.hasOwn(tests, String(op)) ? tests[String(op)] : undefined
    return typeof field === 'string' && value !== undefined && test?.(valueAt(entity, field), value) === true
  })
}

function valueAt(entity: Json, path: string): JsonValue | undefined {
  let value: JsonValue | undefined = entity
  for (const name of path.split('.'))
    value = isPlainObject(value) && Object.hasOwn(value, name) ? (value as Json)[name] : undefined
  return value
}
