// A Noun as `/schema` tells it: what may be written, what may be read, and what its verbs do.

import type { Field, NounSchema, Verb } from 'digital-objects'

export interface SchemaOutput {
  readonly name: string
  readonly idPrefix: string
  readonly version: string
  readonly fields: readonly object[]
  readonly verbs: readonly object[]
  readonly disabled: readonly string[]
  /** The fields that `$text` searches. */
  readonly searchable: readonly string[]
}

export function nounToSchemaOutput(schema: NounSchema): SchemaOutput {
  const { name, idPrefix, version, disabled, searchable } = schema
  return {
    name,
    idPrefix,
    version,
    fields: Object.values(schema.fields).map(fieldToOutput),
    verbs: Object.values(schema.verbs).map(verbToOutput),
    disabled,
    searchable,
  }
}

function fieldToOutput(field: Field): object {
  if (field.kind === 'reverse')
    return { name: field.name, kind: 'reverse', from: field.from, by: field.by, many: field.many }
  const { name, required, indexed, unique } = field
  const base = { name, required, indexed, unique }
  switch (field.kind) {
    case 'data':
      return {
        ...base,
        kind: 'data',
        type: field.type,
        ...(field.default === undefined ? {} : { default: field.default }),
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
        ...(field.inverse === undefined ? {} : { inverse: field.inverse }),
      }
    default:
      return base
  }
}

function verbToOutput(verb: Verb): object {
  const { name, gerund, past, by, event, category, effect } = verb
  const { from, creates = false, sets } = effect
  return {
    verb: name,
    before: gerund,
    after: past,
    by,
    event,
    category,
    creates,
    sets,
    ...(from === undefined ? {} : { from }),
  }
}
