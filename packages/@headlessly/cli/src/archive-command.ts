// `archive`: the whole tenant as one tar file on stdout, for whoever may read everything.

import type { Command } from './command.ts'
import { UsageError } from './usage-error.ts'

export const archiveCommand: Command = {
  name: 'archive',
  words: [],
  about: 'write the whole tenant, without secrets, as a tar file to stdout; an operator loads it into an empty tenant',
  example: 'archive --tenant acme > acme.tar',
  flags: [],
  async run({ output, client, signal }) {
    if (output.isTerminal) throw new UsageError('a tar file is no text: redirect it, as in > acme.tar', 'archive')
    let written = 0
    for await (const chunk of client().archive({ signal })) {
      await output.chunk(chunk)
      written += chunk.length
      output.progress(`${written} bytes written`)
    }
    output.note(`${written} bytes written`)
    return 0
  },
}
