// Completes the last word of a command line.

import { isMethodName } from './method-name.ts'
import { type Command, commonFlags } from './command.ts'
import { entityCommands } from './entity-commands.ts'
import type { EntityTypes } from './entity-types.ts'

export interface KnownCommands {
  readonly commands: readonly Command[]
  /** Names of the commands, and the words that precede another command. */
  readonly names: readonly string[]
  readonly types: EntityTypes
}

/** `words` are those after `headlessly`; the last one may be empty. */
export function completeWords(words: readonly string[], known: KnownCommands): string[] {
  const begun = words.at(-1) ?? ''
  return candidates({ before: words.slice(0, -1), begun, known })
    .filter((word) => word.startsWith(begun))
    .toSorted()
}

interface Typed {
  readonly before: readonly string[]
  readonly begun: string
  readonly known: KnownCommands
}

function candidates({ before, begun, known }: Typed): readonly string[] {
  const { types } = known
  const [name, ...rest] = before
  if (name === undefined) return [...known.names, ...methodNames(begun, types)]
  if (name === 'help' && rest.length === 0) return [...known.names, ...types.names, ...methodNames(begun, types)]
  if (name === 'do' && rest.length === 0 && !begun.startsWith('-')) return methodNames(begun, types)
  if (name === 'query' && rest.length === 0) return types.names
  if (name === 'completion' && rest.length === 0) return ['bash', 'zsh', 'fish']
  const command = commandOf(before, known)
  if (command === undefined) return []
  const previous = command.flags.find((flag) => `--${flag.name}` === before.at(-1))
  if (previous !== undefined && previous.kind !== 'switch') return previous.values ?? []
  if (begun.startsWith('-')) return [...command.flags, ...commonFlags].map((flag) => `--${flag.name}`)
  return rest.length === 0 && /Type/.test(command.words[0] ?? '') ? types.names : []
}

/** Returns the methods of a type followed by a dot; otherwise all types with a dot. */
function methodNames(begun: string, types: EntityTypes): readonly string[] {
  const [type = '', method] = begun.split('.')
  const schema = types.find(type)
  if (method === undefined || schema === undefined) return types.names.map((name) => `${name}.`)
  return entityCommands(schema).map(({ name }) => name)
}

function commandOf([name = '', next = '']: readonly string[], { commands, types }: KnownCommands): Command | undefined {
  const own = name === 'do' && isMethodName(next) ? next : name === 'query' ? `${next}.find` : name
  const schema = types.find(own.split('.', 1)[0] ?? '')
  return (schema === undefined ? commands : entityCommands(schema)).find((command) => command.name === own)
}
