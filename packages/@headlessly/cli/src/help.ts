// Help, generated from the commands: a list of all, of those of a type, or one command with its flags and an example.

import { type Command, commonFlags } from './command.ts'
import { parseCommand, prefixes, programCommands } from './commands.ts'
import { entityCommands } from './entity-commands.ts'
import type { EntityTypes } from './entity-types.ts'
import type { Flag } from './flag.ts'

/** Throws a UsageError if the command does not exist. */
export function helpText(name: string | undefined, types: EntityTypes): string {
  if (name === undefined) return overview(types)
  const prefix = prefixes.find((one) => one.name === name)
  if (prefix !== undefined)
    return `headlessly ${prefix.name} ${prefix.words}\n\n${prefix.about}\n\n  headlessly ${prefix.example}`
  const schema = types.find(name)
  if (schema === undefined) return commandHelp(parseCommand([name], types).command)
  const rows = entityCommands(schema).map((command) => [usageOf(command), command.about] as const)
  const about = schema.about === undefined ? '' : `${name}: ${schema.about}\n\n`
  return `${about}${columns(rows)}\n\n  headlessly ${name}.find --limit 20\n\nFlags of a command: headlessly help ${name}.find. Fields of the type: headlessly schema ${name}.`
}

function overview(types: EntityTypes): string {
  const commands = [
    ['<Type>.create', 'create an entity, with a flag for each field: --name …'],
    ['<Type>.get <id>', 'shows one'],
    ['<Type>.find', 'list matching entities: --stage Lead --sort -leadScore --limit 20'],
    ['<Type>.count', 'count matching entities'],
    ['<Type>.update <id>', 'changes fields'],
    ['<Type>.delete <id>', 'delete an entity; its history stays'],
    ['<Type>.<verb> <id>', 'perform a verb: Contact.qualify'],
    ...prefixes.map(({ name, words, about }) => [`${name} ${words}`, about] as const),
    ...programCommands.map((command) => [usageOf(command), command.about] as const),
  ] as const
  return `headlessly <command> [words] [--flags]

${columns(commands)}

Types: ${types.names.join(', ')}

Of every command:
${columns(commonFlags.map(flagRow))}
  --version

  headlessly Contact.create --name 'Ada Lovelace' --email ada@example.com

Exit codes: 0; 1 where something was refused or failed; 2 where the command cannot be meant as it is written.
headlessly help <command> tells of one, headlessly help <Type> of a type.`
}

function commandHelp(command: Command): string {
  const [own, fields] = [false, true].map((isField) =>
    command.flags.filter((flag) => (flag.field !== undefined) === isField),
  )
  const section = (title: string, flags: readonly Flag[] | undefined): string =>
    flags === undefined || flags.length === 0 ? '' : `\n\n${title}:\n${columns(flags.map(flagRow))}`
  return `headlessly ${usageOf(command)}

${command.about}

  headlessly ${command.example}${section('Fields', fields)}${section('Flags', own)}${section('Flags of every command', commonFlags)}`
}

function usageOf({ name, words }: Command): string {
  return [name, ...words].join(' ')
}

function flagRow({ name, kind, placeholder = '', about }: Flag): readonly [string, string] {
  return [`--${name}${kind === 'switch' ? '' : ` ${placeholder}`}`, about]
}

const nameWidthMax = 34

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.min(nameWidthMax, Math.max(...rows.map(([name]) => name.length)))
  return rows.map(([name, about]) => `  ${name.padEnd(width)}  ${about}`.trimEnd()).join('\n')
}
