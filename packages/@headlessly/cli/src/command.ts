// A command as data for help, parsing and completion, and its implementation.

import type { Client } from '@headlessly/sdk'
import type { EntityTypes } from './entity-types.ts'
import type { Flag } from './flag.ts'
import type { Output } from './output.ts'
import type { FlagValues } from './parse-flags.ts'
import type { Environment, Settings } from './settings.ts'

export interface Command {
  /** The name as typed: `events`, `Contact.find`. */
  readonly name: string
  /** Words after the name: `<id>` is required, `[tenant]` is optional. */
  readonly words: readonly string[]
  /** One line for the list of commands. */
  readonly about: string
  /** An example of what to type after `headlessly`. */
  readonly example: string
  readonly flags: readonly Flag[]
  /** Resolves to the exit code. */
  run(call: CommandCall): Promise<number>
}

/** A command without the name of its Noun. */
export interface EntityCommand extends Omit<Command, 'name'> {
  readonly method: string
}

export interface CommandCall {
  readonly flags: FlagValues
  /** At most as many as the command's `words` allow. */
  readonly words: readonly string[]
  readonly output: Output
  readonly env: Environment
  readonly settings: Settings
  /** The entity types of the tenant. */
  readonly types: EntityTypes
  /** Aborted to end the command, on Ctrl-C. */
  readonly signal: AbortSignal
  /** Throws if no tenant is set. */
  client(options?: { readonly tenant?: string | undefined; readonly timeoutMs?: number }): Client
}

/** Flags that every command accepts. */
export const commonFlags: readonly Flag[] = [
  { name: 'json', kind: 'switch', about: 'print the result as JSON' },
  { name: 'tenant', kind: 'value', placeholder: '<slug>', about: 'the tenant (HEADLESSLY_TENANT)' },
  {
    name: 'endpoint',
    kind: 'value',
    placeholder: '<url>',
    about: 'the server (HEADLESSLY_ENDPOINT, http://localhost:8787)',
  },
  { name: 'api-key', kind: 'value', placeholder: '<key>', about: 'the API key to send (HEADLESSLY_API_KEY)' },
  { name: 'help', kind: 'switch', about: 'show help for this command' },
]
