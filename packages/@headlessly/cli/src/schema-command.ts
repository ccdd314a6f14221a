// `schema`: lists the types, or the fields and verbs of one type.

import { nouns } from 'digital-objects'
import { domainOf, parseNoun, type Row } from './any-entity.ts'
import type { Command } from './command.ts'
import { defaultText, typeText } from './field-flag.ts'

export const schemaCommand: Command = {
  name: 'schema',
  words: ['[Type]'],
  about: 'list the types, or the fields and verbs of one type',
  example: 'schema Contact',
  flags: [],
  async run({ words: [name], output }) {
    if (name === undefined) {
      const rows = Object.values(nouns).map(({ $schema }): Row => ({
        type: $schema.name,
        domain: domainOf($schema.name),
        verbs: Object.keys($schema.verbs).join(' '),
      }))
      output.rows(rows, ['type', 'domain', 'verbs'])
      return 0
    }
    const schema = parseNoun(name)
    if (output.isJson) {
      output.json(schema)
      return 0
    }
    const fields = Object.values(schema.fields).map((field): Row => {
      if (field.kind === 'reverse')
        return { field: field.name, type: `${field.from} by ${field.by}`, about: 'relation, for --include' }
      const initial = defaultText(field)
      const about = [
        ...(field.required ? ['required'] : []),
        ...(field.unique ? ['unique'] : []),
        ...(initial === undefined ? [] : [`= ${initial}`]),
        ...(field.personal ? ['personal'] : []),
      ]
      return { field: field.name, type: typeText(field), about: about.join(', ') }
    })
    output.rows(fields, ['field', 'type', 'about'])
    output.line('')
    output.rows(
      Object.values(schema.verbs).map((verb): Row => ({ verb: verb.name, event: `${schema.name}.${verb.event}` })),
      ['verb', 'event'],
    )
    return 0
  },
}
