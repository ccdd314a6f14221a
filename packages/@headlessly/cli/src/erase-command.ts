// `erase`: lists the erasures of persons, shows what one would reach, or performs one and prints its certificate.

import type { Erasure } from '@headlessly/sdk'
import type { Row } from './row.ts'
import type { Command, CommandCall } from './command.ts'
import { UsageError } from './usage-error.ts'

const pauseMs = 500

export const eraseCommand: Command = {
  name: 'erase',
  words: ['[id]'],
  about: 'erase the personal values of a person everywhere, for good, or list the erasures',
  example: 'erase contact_1VbZ0kQ3x9Ta --dry-run',
  flags: [
    { name: 'dry-run', kind: 'switch', about: 'show what the erasure would reach, and erase nothing' },
    {
      name: 'also',
      kind: 'value',
      placeholder: '<ids>',
      about: 'further entities with values of the person, by commas',
    },
    { name: 'reason', kind: 'value', placeholder: '<text>', about: 'the reason, without personal data' },
  ],
  async run(call) {
    const { words, flags, client, output, signal } = call
    const [id] = words
    const { access } = client()
    if (id === undefined) {
      if (['dry-run', 'also', 'reason'].some((name) => flags.has(name)))
        throw new UsageError('erase expects <id> with --dry-run, --also and --reason', 'erase')
      const erasures = await access.erasures({ signal })
      output.rows(erasures.map(toRow), ['id', 'ids', 'state', 'askedAt', 'finishedAt'])
      return 0
    }
    const also = flags.text('also')
    const ids = [id, ...(also === undefined ? [] : also.split(',').map((word) => word.trim()))]
    if (flags.isOn('dry-run')) {
      const { nouns } = await access.previewErasure(ids, { signal })
      if (output.isJson) output.json({ ids, nouns })
      else
        output.rows(
          Object.entries(nouns).map(([type, { entities, fields }]): Row => ({
            type,
            entities,
            fields: fields.join(' '),
          })),
          ['type', 'entities', 'fields'],
        )
      return 0
    }
    const reason = flags.text('reason')
    const asked = await access.erase(ids, { signal, ...(reason === undefined ? {} : { reason }) })
    const certificate = await untilDone(call, asked.id)
    if (output.isJson) output.json(certificate)
    else output.record({ ...certificate, removed: JSON.stringify(certificate.removed) })
    return 0
  },
}

/** The job goes on if the command is ended. */
async function untilDone({ client, signal }: CommandCall, id: string): Promise<Erasure> {
  for (;;) {
    const erasure = await client().access.erasure(id, { signal })
    if (erasure.state === 'done') return erasure
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
    signal.throwIfAborted()
  }
}

function toRow({ id, ids, state, askedAt, finishedAt }: Erasure): Row {
  return { id, ids: ids.join(' '), state, askedAt, finishedAt }
}
