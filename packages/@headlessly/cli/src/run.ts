// Runs one command line and returns its exit code. It does not touch the process, so other programs can call it.

import { Headlessly, HeadlesslyError } from '@headlessly/sdk'
import { isMethodName } from './method-name.ts'
import { type Command, commonFlags } from './command.ts'
import { parseCommand } from './commands.ts'
import { builtInTypes, type EntityTypes, readTypes } from './entity-types.ts'
import { helpText } from './help.ts'
import { type CliStream, Output } from './output.ts'
import { parseFlags } from './parse-flags.ts'
import { type Environment, readSettings, requireTenant, defaultEndpoint } from './settings.ts'
import { withSignIn } from './signed-in-fetch.ts'
import { UsageError } from './usage-error.ts'
import { version } from './version.ts'

export type { CliStream } from './output.ts'

export interface RunOptions {
  readonly stdout: CliStream
  readonly stderr: CliStream
  readonly env: Environment
  /** Aborting the signal ends the command; a command that follows events then succeeds. */
  readonly signal?: AbortSignal
}

const [done, failed, misused] = [0, 1, 2]

/** `argv` are the words after the program's name. Rejects only on a bug. */
export async function run(argv: readonly string[], options: RunOptions): Promise<number> {
  const { stdout, stderr, env, signal = new AbortController().signal } = options
  const words = commandFirst(argv)
  const flagsEnd = words.includes('--') ? words.indexOf('--') : words.length
  const flagWords = words.slice(0, flagsEnd)
  const isColorWanted = (env['NO_COLOR'] ?? '') === ''
  const output = new Output({ stdout, stderr, isJson: flagWords.includes('--json'), isColorWanted })
  try {
    const [name] = words
    if (name === '--version') {
      output.line(version)
      return done
    }
    const isHelpAsked =
      name === undefined || name === 'help' || flagWords.includes('--help') || flagWords.includes('-h')
    const types = await typesFor(words, { env, signal, isHelpAsked })
    if (isHelpAsked) {
      output.line(helpText(helpTopic(words), types))
      return done
    }
    const { command, rest } = parseCommand(words, types)
    const { flags, positionals } = parseFlags(rest, [...command.flags, ...commonFlags], command.name)
    checkWords(command, positionals)
    const settings = readSettings(flags, env)
    return await command.run({
      flags,
      words: positionals,
      output,
      env,
      settings,
      types,
      signal,
      client: ({ tenant = settings.tenant, timeoutMs } = {}) =>
        Headlessly({
          via: 'cli',
          nouns: types.toNouns(),
          // A persistent connection would keep the command from exiting.
          connection: 'http',
          ...withSignIn(requireTenant({ ...settings, ...(tenant === undefined ? {} : { tenant }) }), env),
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
        }),
    })
  } catch (error) {
    return report(error, { output, signal })
  }
}

/** Programs that work with entity types that the tenant may have defined. */
const typedCommands: readonly string[] = [
  'query',
  'archive',
  'import',
  'export',
  'schema',
  'history',
  'diff',
  'rollback',
  'completion',
]
/** Help and completion do without a server. */
const helpTimeoutMs = 1_000

/** The tenant's entity types for commands that work with types; without a tenant, the built-in ones. */
async function typesFor(
  words: readonly string[],
  of: { readonly env: Environment; readonly signal: AbortSignal; readonly isHelpAsked: boolean },
): Promise<EntityTypes> {
  const { env, signal, isHelpAsked } = of
  const [name = '', next = ''] = words
  const isTyped = /^[A-Z]/.test(name) || typedCommands.includes(name) || (name === 'do' && isMethodName(next))
  if (!isTyped && !isHelpAsked) return builtInTypes
  const { tenant, ...settings } = readSettings({ text: (flag) => textOfFlag(words, flag) }, env)
  if (tenant === undefined) return builtInTypes
  const isShort = isHelpAsked || name === 'completion'
  const options = { via: 'cli', connection: 'http', ...withSignIn({ ...settings, tenant }, env) } as const
  return readTypes(isShort ? { ...options, timeoutMs: helpTimeoutMs } : options, signal)
}

function textOfFlag(words: readonly string[], flag: string): string | undefined {
  const at = words.findIndex((word) => word === `--${flag}` || word.startsWith(`--${flag}=`))
  const word = words[at]
  return word?.includes('=') === true ? word.slice(word.indexOf('=') + 1) : at < 0 ? undefined : words[at + 1]
}

/** Moves common flags that precede the command behind it. */
function commandFirst(argv: readonly string[]): string[] {
  let at = 0
  while (argv[at]?.startsWith('--') === true) {
    const [name = '', text] = (argv[at] ?? '').slice(2).split('=', 2)
    const flag = commonFlags.find((one) => one.name === name)
    if (flag === undefined || name === 'help') break
    at += flag.kind === 'switch' || text !== undefined ? 1 : 2
  }
  const name = argv[at]
  return name === undefined ? [...argv] : [name, ...argv.slice(0, at), ...argv.slice(at + 1)]
}

/** Returns the topic of `help Contact.find`, `Contact.find --help` or `do Contact.qualify --help`. */
function helpTopic(words: readonly string[]): string | undefined {
  const [first, second] = words.filter((word) => !word.startsWith('-'))
  if (first === 'help' || (first === 'do' && isMethodName(second ?? ''))) return second
  return first === 'query' && second !== undefined ? `${second}.find` : first
}

function checkWords(command: Command, given: readonly string[]): void {
  const { name, words } = command
  const missing = words[given.length]
  if (missing?.startsWith('<') === true) throw new UsageError(`${name} expects ${missing}`, name)
  if (given.length > words.length && words.at(-1)?.endsWith('…]') !== true)
    throw new UsageError(`${name} does not expect '${given[words.length] ?? ''}'`, name)
}

/** Reports an error and returns the exit code. Rethrows unexpected errors. */
function report(error: unknown, { output, signal }: { readonly output: Output; readonly signal: AbortSignal }): number {
  if (error instanceof UsageError) {
    const { command, message } = error
    output.problem({ code: 'usage', message }, [`see headlessly help${command === undefined ? '' : ` ${command}`}`])
    return misused
  }
  if (error instanceof HeadlesslyError) {
    const { code, message, field, errors, status, requestId } = error
    const isUnreachable = code === 'network_error'
    const hints =
      isUnreachable && message.includes(new URL(defaultEndpoint).host) ? ['start a server with headlessly serve'] : []
    // A fault that is already in the message is not printed twice.
    const more = errors.length > 1 ? errors.filter((fault) => !message.includes(fault.message)) : []
    const faults = more.map((fault) => `  ${fault.field} ${fault.message}`)
    output.problem({ code, message, field, errors, requestId }, [...faults, ...hints])
    const isOwn = status === undefined && !isUnreachable && code !== 'unexpected_answer'
    return isOwn ? misused : failed
  }
  if (signal.aborted) {
    output.note('stopped')
    return failed
  }
  if (error instanceof Error && 'syscall' in error) {
    output.problem({ code: 'system', message: error.message })
    return failed
  }
  throw error
}
