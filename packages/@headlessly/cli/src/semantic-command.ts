// `semantic`: finds entities by the meaning of their texts.

import type { Row } from './row.ts'
import type { Command } from './command.ts'
import { wholeNumber } from './flag.ts'
import { filterFlag } from './read-flags.ts'

/** Fields by which people know an entity; the first that it has is shown. */
const nameFields = ['name', 'title', 'subject', 'number', 'key', 'email', 'code', 'body']

export const semanticCommand: Command = {
  name: 'semantic',
  words: ['<query>'],
  about: 'find entities by the meaning of their texts, the most alike first',
  example: 'semantic "customers who want their money back" --type Ticket',
  flags: [
    { name: 'type', kind: 'value', placeholder: '<type>', about: 'only entities of this type' },
    { ...filterFlag, about: `a condition on entities of --type: '{"status":"Open"}'` },
    {
      name: 'limit',
      kind: 'value',
      placeholder: '<number>',
      about: '1 to 100; default 10',
      parse: wholeNumber(1, 100),
    },
  ],
  async run({ words: [query = ''], flags, output, client, signal }) {
    const found = await client().semantic(query, {
      type: flags.text('type'),
      filter: flags.object('filter'),
      limit: flags.number('limit'),
      signal,
    })
    if (output.isJson) output.json(found)
    else {
      const rows = found.results.map((entity): Row => {
        const fields: Row = { ...entity }
        const name = nameFields.map((field) => fields[field]).find((value) => typeof value === 'string')
        return { score: entity.$score.toFixed(3), type: entity.$type, id: entity.$id, name }
      })
      output.rows(rows, ['score', 'type', 'id', 'name'])
    }
    return 0
  },
}
