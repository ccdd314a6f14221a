// `do`: code that runs in the tenant, from the command line, a file or stdin. Its result goes to stdout as JSON, what it
// writes to the console to stderr. Followed by `<Type>.<verb>`, the same as that command; see `commands.ts`.

import { parseJson } from 'digital-objects'
import { readFileSync } from 'node:fs'
import type { Command } from './command.ts'
import { Expected } from './flag.ts'
import { UsageError } from './usage-error.ts'

export const doCommand: Command = {
  name: 'do',
  words: ['[code]'],
  about: 'runs a function next to the data; do <Type>.<verb> … is the same as <Type>.<verb>',
  example: "do 'async ($) => $.Contact.count()'",
  flags: [
    { name: 'file', kind: 'value', placeholder: '<file>', about: 'the function is in a file; - is stdin' },
    {
      name: 'given',
      kind: 'value',
      placeholder: '<json>',
      about: "the function's second argument",
      parse: (text) => parseJson(text, () => new Expected('JSON')),
    },
    { name: 'idempotency-key', kind: 'value', placeholder: '<key>', about: 'again under it writes nothing twice' },
  ],
  async run({ words: [word], flags, output, client, signal }) {
    const file = flags.text('file') ?? (word === '-' ? word : undefined)
    if (file !== undefined && word !== undefined && word !== '-')
      throw new UsageError('expected either code or --file', 'do')
    const code = file === undefined ? parseCode(word) : read(file)
    const idempotencyKey = flags.text('idempotency-key')
    const result = await client().do(code, {
      given: flags.value('given'),
      signal,
      onLog: (line) => output.note(line),
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    })
    // What came to nothing says nothing.
    if (result !== undefined) output.json(result)
    return 0
  },
}

/** Of a mistyped command this tells more than the server would. */
function parseCode(word = ''): string {
  if (/=>|function/.test(word)) return word
  const got = word === '' ? 'nothing' : `'${word.slice(0, 80)}'`
  throw new UsageError(`do expects a function such as '($) => $.Contact.count()', or <Type>.<verb>, got ${got}`, 'do')
}

function read(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    throw new UsageError(`no file '${file}'`, 'do')
  }
}
