// `archive`: the whole tenant as one tar file on stdout, for whoever may read everything; and the entities of such a file into a tenant
// that has data.

import { existsSync } from 'node:fs'
import type { Command, CommandCall } from './command.ts'
import { moveArchive } from './move-archive.ts'
import { UsageError } from './usage-error.ts'

export const archiveCommand: Command = {
  name: 'archive',
  words: ['[import]', '[file]'],
  about:
    'write the whole tenant, without secrets, as a tar file to stdout; or import the entities of such a file into a tenant that has data',
  example: 'archive --tenant acme > acme.tar',
  flags: [{ name: 'dry-run', kind: 'switch', about: 'import: count what is new and what is here, and change nothing' }],
  async run(call) {
    const [action, file] = call.words
    if (action === 'import') return importArchive(call, file)
    if (action !== undefined) throw new UsageError(`archive expects import, got '${action}'`, 'archive')
    if (call.flags.isOn('dry-run')) throw new UsageError('--dry-run is for archive import', 'archive')
    return writeArchive(call)
  },
}

async function writeArchive({ output, client, signal }: CommandCall): Promise<number> {
  if (output.isTerminal) throw new UsageError('a tar file is no text: redirect it, as in > acme.tar', 'archive')
  let written = 0
  for await (const chunk of client().archive({ signal })) {
    await output.chunk(chunk)
    written += chunk.length
    output.progress(`${written} bytes written`)
  }
  output.note(`${written} bytes written`)
  return 0
}

async function importArchive(call: CommandCall, file: string | undefined): Promise<number> {
  if (file === undefined) throw new UsageError('archive import expects <file>', 'archive')
  if (!existsSync(file)) throw new UsageError(`file not found: '${file}'`, 'archive')
  const { output, flags } = call
  const isDryRun = flags.isOn('dry-run')
  const move = await moveArchive(call, file, { isDryRun })
  if (output.isJson) output.json(move)
  else {
    output.rows(
      move.types.map((type) => ({ ...type })),
      ['type', 'new', 'mapped', 'moved', 'here', 'refused'],
    )
    if (move.lostReferences > 0)
      output.note(`${move.lostReferences} references to entities that are not in the archive were left out`)
    if (isDryRun) output.note('nothing was changed')
    else if (move.jobs.length > 0) output.note('to take it back, in this order:')
    for (const job of move.jobs.toReversed()) output.note(`  headlessly undo --job ${job}`)
  }
  return move.types.every(({ refused }) => refused === 0) ? 0 : 1
}
