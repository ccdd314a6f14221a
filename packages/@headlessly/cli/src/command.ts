// What a command is: data for help, completion and parsing, and what it does.

import type { Client } from '@headlessly/sdk'
import type { Flag } from './flag.ts'
import type { Output } from './output.ts'
import type { FlagValues } from './parse-flags.ts'
import type { Environment, Settings } from './settings.ts'

export interface Command {
  /** As it is typed: `events`, `Contact.find`. */
  readonly name: string
  /** Its words after the name: `<id>`, `[tenant]`. Those in brackets need not come. */
  readonly words: readonly string[]
  /** A line, for the list of all. */
  readonly about: string
  /** What may be typed after `headlessly`. */
  readonly example: string
  readonly flags: readonly Flag[]
  /** The exit code. */
  run(call: CommandCall): Promise<number>
}

export interface CommandCall {
  readonly flags: FlagValues
  /** As many as `words` allows. */
  readonly words: readonly string[]
  readonly output: Output
  readonly env: Environment
  readonly settings: Settings
  /** Aborted when it is to end: Ctrl-C. */
  readonly signal: AbortSignal
  /** Throws where no tenant is named. */
  client(options?: { readonly tenant?: string | undefined; readonly timeoutMs?: number }): Client
}

/** Of every command. */
export const commonFlags: readonly Flag[] = [
  { name: 'json', kind: 'switch', about: 'the result as JSON' },
  { name: 'tenant', kind: 'value', placeholder: '<slug>', about: 'whose data (HEADLESSLY_TENANT)' },
  {
    name: 'endpoint',
    kind: 'value',
    placeholder: '<url>',
    about: 'which server (HEADLESSLY_ENDPOINT, http://localhost:8787)',
  },
  { name: 'api-key', kind: 'value', placeholder: '<key>', about: 'sent as it is (HEADLESSLY_API_KEY)' },
  { name: 'help', kind: 'switch', about: 'help for this command' },
]
