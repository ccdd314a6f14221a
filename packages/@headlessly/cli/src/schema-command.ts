// `schema`: lists the types, or the fields and verbs of one type.

import type { Field } from 'digital-objects'
import { domainOf, nounNames, parseNoun, type Row } from './any-entity.ts'
import type { Command } from './command.ts'
import { factsOf, typeText, withFacts } from './field-flag.ts'

export const schemaCommand: Command = {
  name: 'schema',
  words: ['[Type]'],
  about: 'list the types, or the fields and verbs of one type',
  example: 'schema Contact',
  flags: [],
  async run({ words: [name], output }) {
    if (name === undefined) {
      const rows = nounNames.map(parseNoun).map((schema): Row => ({
        type: schema.name,
        domain: domainOf(schema.name),
        verbs: Object.keys(schema.verbs).join(' '),
        about: schema.about ?? '',
      }))
      output.rows(rows, ['type', 'domain', 'about'], { isLastWhole: true })
      return 0
    }
    const schema = parseNoun(name)
    if (output.isJson) {
      output.json(schema)
      return 0
    }
    output.rows(Object.values(schema.fields).map(fieldRow), ['field', 'type', 'about'], { isLastWhole: true })
    output.line('')
    const verbs = Object.values(schema.verbs).map(({ name: verb, event, description = '' }): Row => ({
      verb,
      event: `${schema.name}.${event}`,
      about: description,
    }))
    output.rows(verbs, ['verb', 'event', 'about'], { isLastWhole: true })
    return 0
  },
}

function fieldRow(field: Field): Row {
  const { name, description } = field
  const [type, facts] =
    field.kind === 'reverse'
      ? [`${field.from} by ${field.by}`, 'relation, for --include']
      : [typeText(field), factsOf(field)]
  return { field: name, type, about: withFacts(description, facts) }
}
