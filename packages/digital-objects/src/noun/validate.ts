// Validates a body by its Noun, and reports all faults at once. Valid fields are normalized, and stay valid.

import { type EntityFields, type JsonValue, metaFieldNames } from '../base/entity.ts'
import { nearestName } from '../base/nearest-name.ts'
import type { Fault } from '../base/object-error.ts'
import type { Field, NounSchema, StoredField } from './schema.ts'
import { checkValue } from './validate-value.ts'

export type Validated =
  | { readonly ok: true; readonly fields: EntityFields }
  | { readonly ok: false; readonly faults: readonly Fault[] }

/** Limits the faults in one answer. */
const faultsMax = 50

/** Validates the input of `create`: requires required fields except sums, adds defaults, and ignores null. */
export function validateCreate(schema: NounSchema, body: unknown): Validated {
  const plan = planOf(schema)
  const { fields: given, faults } = checkFields(schema, body)
  const fields: Record<string, JsonValue> = {}
  for (const [name, value] of Object.entries(given)) if (value !== null) fields[name] = value
  for (const field of plan.defaults) {
    if (fields[field.name] === undefined && field.default !== undefined) fields[field.name] = field.default
  }
  for (const name of plan.given) {
    const isMissing = fields[name] === undefined && !faults.some((fault) => fault.field === name || fault.field === '')
    if (isMissing) faults.push({ field: name, message: 'is required' })
  }
  return faults.length === 0 ? { ok: true, fields } : { ok: false, faults }
}

/** Validates the input of `update`: null clears a field, unless the field is required. */
export function validateUpdate(schema: NounSchema, body: unknown): Validated {
  const { fields, faults } = checkFields(schema, body)
  for (const name of planOf(schema).required) {
    if (fields[name] === null) faults.push({ field: name, message: 'is required and cannot be cleared' })
  }
  return faults.length === 0 ? { ok: true, fields } : { ok: false, faults }
}

interface Checked {
  readonly fields: EntityFields
  readonly faults: Fault[]
}

function checkFields(schema: NounSchema, body: unknown): Checked {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { fields: {}, faults: [{ field: '', message: `expects an object with the fields of a ${schema.name}` }] }
  }
  const { stored } = planOf(schema)
  const fields: Record<string, JsonValue> = {}
  const faults: Fault[] = []
  for (const name of Object.keys(body)) {
    const value: unknown = (body as Record<string, unknown>)[name]
    const field = stored.get(name)
    if (field === undefined) {
      const fault = faultOfUnknown(schema, name)
      if (fault !== undefined) faults.push(fault)
    } else if (value === null || value === undefined) {
      if (value === null) fields[name] = null
    } else {
      const checked = checkValue(field, value)
      if (checked.ok) fields[name] = checked.value
      else faults.push({ field: checked.at === undefined ? name : `${name}.${checked.at}`, message: checked.message })
    }
    if (faults.length >= faultsMax) break
  }
  return { fields, faults }
}

/** Ignores meta-fields and `$more` of a read with includes, so that a caller can send back a whole entity. */
function faultOfUnknown(schema: NounSchema, name: string): Fault | undefined {
  if ((metaFieldNames as readonly string[]).includes(name) || name === '$more') return undefined
  const shown = name === '' ? '""' : name.length > 64 ? `${name.slice(0, 64)}…` : name
  const declared: Field | undefined = Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined
  if (declared?.kind === 'reverse') {
    return { field: shown, message: `is the reverse of ${declared.from}.${declared.by}; set it there` }
  }
  const nearest = nearestName(name, [...planOf(schema).stored.keys()])
  const free = planOf(schema).stored.has('metadata') ? "; free fields go into 'metadata'" : ''
  const hint = nearest === undefined ? free : `; did you mean '${nearest}'?`
  return { field: shown, message: `is not declared by ${schema.name}${hint}` }
}

interface Plan {
  readonly stored: ReadonlyMap<string, StoredField>
  readonly required: readonly string[]
  /** The required fields that the server does not compute. */
  readonly given: readonly string[]
  readonly defaults: readonly { readonly name: string; readonly default?: JsonValue }[]
}

/** A pure cache: plans depend only on the schema. */
const plans = new WeakMap<NounSchema, Plan>()

function planOf(schema: NounSchema): Plan {
  const known = plans.get(schema)
  if (known !== undefined) return known
  const stored = Object.values(schema.fields).filter((field): field is StoredField => field.kind !== 'reverse')
  const plan: Plan = {
    stored: new Map(stored.map((field) => [field.name, field])),
    required: stored.filter((field) => field.required).map((field) => field.name),
    given: stored.filter((field) => field.required && !isSum(field)).map((field) => field.name),
    defaults: stored.filter((field) => field.kind !== 'reference' && field.default !== undefined),
  }
  plans.set(schema, plan)
  return plan
}

function isSum(field: StoredField): boolean {
  return field.kind === 'data' && field.sum !== undefined
}
