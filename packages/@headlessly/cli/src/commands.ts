// All commands: those of the program, and those of each Noun, which are generated on demand.

import { accessCommands } from './access-commands.ts'
import { archiveCommand } from './archive-command.ts'
import { isMethodName } from './method-name.ts'
import { approvalsCommand } from './approvals-command.ts'
import type { Command } from './command.ts'
import { clockCommand } from './clock-command.ts'
import { commitCommands } from './commit-commands.ts'
import { completeWords } from './complete-words.ts'
import { makeCompletionCommand } from './completion-command.ts'
import { demoCommand } from './demo-command.ts'
import { doCommand } from './do-command.ts'
import { entityCommands } from './entity-commands.ts'
import type { EntityTypes } from './entity-types.ts'
import { eraseCommand } from './erase-command.ts'
import { exportCommand } from './export-command.ts'
import { filesCommand } from './files-command.ts'
import { importCommand } from './import-command.ts'
import { keysCommand } from './keys-command.ts'
import { lakeCommands } from './lake-commands.ts'
import { logCommands } from './log-commands.ts'
import { schemaCommand } from './schema-command.ts'
import { functionsCommand } from './functions-command.ts'
import { secretsCommand } from './secrets-command.ts'
import { serveCommand } from './serve-command.ts'
import { mcpCommand } from './mcp-command.ts'
import { metricsCommand } from './metrics-command.ts'
import { paymentsCommand } from './payments-command.ts'
import { semanticCommand } from './semantic-command.ts'
import { productCommands } from './product-commands.ts'
import { settingsCommands } from './settings-commands.ts'
import { signInCommands } from './sign-in-commands.ts'
import { trialCommands } from './trial-commands.ts'
import { sqlCommand } from './sql-command.ts'
import { statusCommand } from './status-command.ts'
import { tenantSettingsCommand } from './tenant-settings-command.ts'
import { backupCommand } from './backup-command.ts'
import { restoreCommand } from './restore-command.ts'
import { webhooksCommand } from './webhooks-command.ts'
import { tenantsCommand } from './tenants-command.ts'
import { suggestion, UsageError } from './usage-error.ts'

export const programCommands: readonly Command[] = [
  serveCommand,
  ...settingsCommands,
  ...signInCommands,
  ...trialCommands,
  statusCommand,
  tenantsCommand,
  backupCommand,
  restoreCommand,
  clockCommand,
  tenantSettingsCommand,
  keysCommand,
  ...accessCommands,
  approvalsCommand,
  secretsCommand,
  eraseCommand,
  functionsCommand,
  webhooksCommand,
  metricsCommand,
  ...productCommands,
  schemaCommand,
  ...logCommands,
  ...commitCommands,
  importCommand,
  sqlCommand,
  archiveCommand,
  paymentsCommand,
  semanticCommand,
  exportCommand,
  filesCommand,
  demoCommand,
  ...lakeCommands,
  doCommand,
  mcpCommand,
  makeCompletionCommand((words, types) =>
    completeWords(words, { commands: programCommands, names: commandNames, types }),
  ),
]

/** Words that precede another command. */
export const prefixes = [
  { name: 'query', words: '<Type> …', about: 'same as <Type>.find', example: 'query Deal --stage Lead' },
  { name: 'help', words: '[command]', about: 'show help for a command or a type', example: 'help Contact.find' },
] as const

export const commandNames: readonly string[] = [
  ...programCommands.map(({ name }) => name),
  ...prefixes.map(({ name }) => name),
]

export interface Named {
  readonly command: Command
  /** Words after the command's name. */
  readonly rest: readonly string[]
}

/** Throws a UsageError. */
export function parseCommand(words: readonly string[], types: EntityTypes): Named {
  const [name = '', ...rest] = words
  // `do Contact.qualify` runs that command with its flags; anything else after `do` is code.
  const [next = ''] = rest
  if (name === 'do' && isMethodName(next)) return { command: parseMethod(next, types), rest: rest.slice(1) }
  if (name === 'query') {
    const [type = '', ...more] = rest
    if (type === '' || type.startsWith('-')) throw new UsageError('query expects <Type>', 'query')
    return { command: parseMethod(`${type}.find`, types), rest: more }
  }
  if (name.includes('.')) return { command: parseMethod(name, types), rest }
  if (name.startsWith('-')) throw new UsageError(`expected a command, got ${name}`)
  const command = programCommands.find((one) => one.name === name)
  if (command !== undefined) return { command, rest }
  const schema = types.find(name)
  if (schema !== undefined) {
    const meant = entityCommands(schema).find((one) => one.name === `${name}.${next}`)
    const hint = meant === undefined ? `such as ${name}.find` : `written ${meant.name}`
    throw new UsageError(`${name} expects a method, ${hint}`, name)
  }
  throw new UsageError(`unknown command '${name}'${suggestion(name, [...commandNames, ...types.names])}`)
}

/** Parses a name such as `Contact.find`. */
function parseMethod(name: string, types: EntityTypes): Command {
  const [type = ''] = name.split('.', 1)
  const schema = types.parse(type)
  const commands = entityCommands(schema)
  const found = commands.find((command) => command.name === name)
  if (found !== undefined) return found
  const names = commands.map((command) => command.name.slice(type.length + 1))
  throw new UsageError(
    `${type} has no method '${name.slice(type.length + 1)}'${suggestion(name.slice(type.length + 1), names)}`,
    type,
  )
}
