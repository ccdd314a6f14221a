// `do`: runs code in the tenant, from the command line, a file or stdin. Prints the result to stdout as JSON and
// console output of the code to stderr. `do <Type>.<verb>` is the same as that command; see `commands.ts`.

import { atFlag, atOf } from './at-flag.ts'
import type { Command } from './command.ts'
import { dryRunFlag, dryRunOf, printWritten } from './dry-run.ts'
import { exactJson } from './flag.ts'
import { readText } from './read-text.ts'
import { UsageError } from './usage-error.ts'

export const doCommand: Command = {
  name: 'do',
  words: ['[code]'],
  about: 'run a function next to the data; do <Type>.<verb> … is the same as <Type>.<verb>',
  example: "do 'async ($) => $.Contact.count()'",
  flags: [
    { name: 'file', kind: 'value', placeholder: '<file>', about: 'read the function from a file; - is stdin' },
    {
      name: 'given',
      kind: 'value',
      placeholder: '<json>',
      about: "the function's second argument",
      parse: (text) => exactJson(text, 'JSON'),
    },
    {
      name: 'idempotency-key',
      kind: 'value',
      placeholder: '<key>',
      about: 'repeating the call with the same key writes nothing twice',
    },
    atFlag,
    dryRunFlag,
  ],
  async run(call) {
    const { flags, output, client, signal } = call
    const [word] = call.words
    const file = flags.text('file') ?? (word === '-' ? word : undefined)
    if (file !== undefined && word !== undefined && word !== '-')
      throw new UsageError('expected either code or --file', 'do')
    const code = file === undefined ? parseCode(word) : readText(file, 'do')
    const idempotencyKey = flags.text('idempotency-key')
    const options = {
      given: flags.value('given'),
      signal,
      onLog: (line: string) => output.note(line),
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      ...atOf(flags),
    }
    const { dryRun } = dryRunOf(flags)
    if (dryRun !== undefined) return printWritten(call, await client().do(code, { ...options, dryRun }), () => {})
    const result = await client().do(code, options)
    // An undefined result prints nothing.
    if (result !== undefined) output.json(result)
    return 0
  },
}

/** Refuses a mistyped command, with a more helpful message than the server's. */
function parseCode(word = ''): string {
  if (/=>|function/.test(word)) return word
  const got = word === '' ? 'nothing' : `'${word.slice(0, 80)}'`
  throw new UsageError(`do expects a function such as '($) => $.Contact.count()', or <Type>.<verb>, got ${got}`, 'do')
}
