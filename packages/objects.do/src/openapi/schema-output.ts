// The API's description of a Noun: fields, relations and verbs.

import {
  describeSchema,
  type Field,
  type NounDefinition,
  type NounRole,
  type NounSchema,
  type StateRule,
  type Schedule,
  type Transition,
  type Verb,
} from 'digital-objects'

export interface SchemaOutput {
  readonly name: string
  readonly idPrefix: string
  readonly version: string
  readonly about?: string
  /** The service that brings it. */
  readonly service?: string
  readonly fields: readonly object[]
  readonly verbs: readonly object[]
  readonly disabled: readonly string[]
  /** The fields that `$text` searches. */
  readonly searchable: readonly string[]
  /** The enum field to which the transitions and states apply. */
  readonly state?: string
  readonly transitions: readonly Transition[]
  /** Whether the transitions are enforced. */
  readonly strict: boolean
  /** Maps a value of the state field to the fields that belong to it. */
  readonly states: Readonly<Record<string, StateRule>>
  readonly categories: Readonly<Record<string, string>>
  readonly schedules: readonly Schedule[]
  /** The part of the product that works with its entities. */
  readonly role?: NounRole
  /** The definition, in the form that `PUT` takes. */
  readonly definition: Omit<NounDefinition, 'service'>
}

export function nounToSchemaOutput(schema: NounSchema): SchemaOutput {
  const { fields, verbs, about } = describeSchema(schema)
  const {
    name,
    idPrefix,
    version,
    disabled,
    searchable,
    state,
    transitions,
    strict,
    states,
    categories,
    schedules,
    role,
    definition: { service, ...definition },
  } = schema
  return {
    name,
    idPrefix,
    version,
    ...(about === undefined ? {} : { about }),
    ...(service === undefined ? {} : { service }),
    fields: Object.values(fields).map(fieldToOutput),
    verbs: Object.values(verbs).map(verbToOutput),
    disabled,
    searchable,
    ...(state === undefined ? {} : { state }),
    transitions,
    strict,
    states,
    categories,
    schedules,
    ...(role === undefined ? {} : { role }),
    definition,
  }
}

function fieldToOutput(field: Field): object {
  if (field.kind === 'reverse')
    return {
      name: field.name,
      kind: 'reverse',
      from: field.from,
      by: field.by,
      many: field.many,
      ...described(field),
    }
  const { name, many, required, indexed, unique, personal } = field
  const base = { name, many, required, indexed, unique, ...(personal ? { personal } : {}), ...described(field) }
  switch (field.kind) {
    case 'data':
      return {
        ...base,
        kind: 'data',
        type: field.type,
        ...(field.merged === true ? { merged: true } : {}),
        ...(field.min === undefined ? {} : { min: field.min }),
        ...(field.max === undefined ? {} : { max: field.max }),
        ...(field.default === undefined ? {} : { default: field.default }),
        ...(field.sum === undefined ? {} : { sum: field.sum }),
      }
    case 'enum':
      return {
        ...base,
        kind: 'enum',
        values: field.values,
        ...(field.default === undefined ? {} : { default: field.default }),
      }
    case 'reference':
      return {
        ...base,
        kind: 'reference',
        to: field.to,
        ...(field.any === true ? { any: true } : {}),
        ...(field.inverse === undefined ? {} : { inverse: field.inverse }),
        onDelete: field.onDelete,
      }
    default:
      return base
  }
}

function verbToOutput(verb: Verb): object {
  const { name, gerund, past, by, event, category, effect } = verb
  const { from, creates = false, systemOnly, sets, related } = effect
  return {
    verb: name,
    before: gerund,
    after: past,
    by,
    event,
    category,
    creates,
    ...(systemOnly === undefined ? {} : { systemOnly }),
    sets,
    ...(from === undefined ? {} : { from }),
    ...(related === undefined ? {} : { related }),
    ...described(verb),
  }
}

function described({ description }: Field | Verb): { readonly description?: string } {
  return description === undefined ? {} : { description }
}
