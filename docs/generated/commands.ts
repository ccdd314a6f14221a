// The tables of the command line: its commands, their flags and the commands of an entity type.

import { nouns } from 'digital-objects'
import { type Command, commonFlags } from '../../packages/@headlessly/cli/src/command.ts'
import { prefixes, programCommands } from '../../packages/@headlessly/cli/src/commands.ts'
import { entityCommands } from '../../packages/@headlessly/cli/src/entity-commands.ts'
import { builtInTypes } from '../../packages/@headlessly/cli/src/entity-types.ts'
import type { Flag } from '../../packages/@headlessly/cli/src/flag.ts'
import { markdownTable } from './markdown-table.ts'

export function commandList(): string {
  const rows = [
    ...programCommands.map((command) => [usageOf(command), command.about]),
    ...prefixes.map(({ name, words, about }) => [`${name} ${words}`, about]),
  ]
  return markdownTable(
    ['headlessly …', 'does'],
    rows.map(([usage = '', about = '']) => [`\`${usage}\``, about]),
  )
}

export function commandFlags(): string {
  const sections = programCommands
    .filter(({ flags }) => flags.length > 0)
    .map((command) => [`### ${command.name}`, exampleOf(command), flagTable(command.flags)].join('\n\n'))
  return sections.join('\n\n')
}

export function flagsOfAll(): string {
  return flagTable(commonFlags)
}

/** The commands of one type, as an example for all. Flags for fields are left out: `Contact.create` has one for each. */
export function entityCommandList(): string {
  const schema = builtInTypes.find(nouns.Contact.$name)
  if (schema === undefined) throw new Error('Contact must be built in')
  const rows = entityCommands(schema).map((command) => {
    const flags = command.flags.filter(({ field }) => field === undefined).map(({ name }) => `\`--${name}\``)
    return [`\`${usageOf(command)}\``, command.about, flags.join(', ')]
  })
  return markdownTable(['headlessly …', 'does', 'flags besides those of fields'], rows)
}

export function entityCommandFlags(): string {
  const schema = builtInTypes.find(nouns.Contact.$name)
  const flags = entityCommands(schema ?? nouns.Contact.$schema).flatMap((command) => command.flags)
  const own = new Map(flags.filter(({ field }) => field === undefined).map((flag) => [flag.name, flag]))
  return flagTable([...own.values()])
}

function usageOf({ name, words }: Command): string {
  return [name, ...words].join(' ')
}

function exampleOf({ example, about }: Command): string {
  return `${about[0]?.toUpperCase()}${about.slice(1)}: \`headlessly ${example}\``
}

function flagTable(flags: readonly Flag[]): string {
  const rows = flags.map(({ name, kind, placeholder = '', about }) => [
    `\`--${name}${kind === 'switch' ? '' : ` ${placeholder}`}\``,
    about,
  ])
  return markdownTable(['flag', 'is'], rows)
}
