// `secrets`: lists the secrets of the tenant, sets one, or removes one. A value comes from a file or the standard input: other
// programs can see the words of a command line.

import type { Row } from './row.ts'
import type { Command } from './command.ts'
import { readText } from './read-text.ts'
import { UsageError } from './usage-error.ts'

export const secretsCommand: Command = {
  name: 'secrets',
  words: ['[set|remove]', '[name]', '[file]'],
  about: 'list the secrets of the tenant, set one from a file or - for the standard input, or remove one',
  example: 'secrets set mail-password password.txt',
  flags: [],
  async run({ words, client, output, signal }) {
    const [action, name, file] = words
    const { access } = client()
    if (action === undefined) {
      const secrets = await access.secrets({ signal })
      output.rows(
        secrets.map((secret): Row => ({ ...secret })),
        ['name', 'setAt', 'setBy', 'key', 'isReadable'],
      )
      return 0
    }
    if (action !== 'set' && action !== 'remove')
      throw new UsageError(`secrets expects set or remove, got '${action}'`, 'secrets')
    if (name === undefined) throw new UsageError(`secrets ${action} expects <name>`, 'secrets')
    if (action === 'remove') {
      if (file !== undefined) throw new UsageError('secrets remove takes no file', 'secrets')
      await access.removeSecret(name, { signal })
      output.line(`removed ${name}`)
      return 0
    }
    if (file === undefined) throw new UsageError('secrets set expects <file>, or - for the standard input', 'secrets')
    // A file ends in a line break, which is not a part of its secret.
    await access.setSecret(name, readText(file, 'secrets').replace(/\r?\n$/, ''), { signal })
    output.line(`set ${name}`)
    return 0
  },
}
