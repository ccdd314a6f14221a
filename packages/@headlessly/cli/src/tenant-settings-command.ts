// `settings`: shows the tenant's settings, or changes one of them.

import type { TenantSettings } from '@headlessly/sdk'
import type { JsonValue } from 'digital-objects'
import type { Row } from './row.ts'
import type { Command } from './command.ts'
import { dryRunFlag, printWritten } from './dry-run.ts'
import type { Output } from './output.ts'
import { asOf } from './read-flags.ts'
import { UsageError } from './usage-error.ts'

export const tenantSettingsCommand: Command = {
  name: 'settings',
  words: ['[name]', '[value]'],
  about: "show the tenant's settings, or change one: settings timeZone Europe/Berlin; null returns it to its default",
  example: 'settings timeZone Europe/Berlin',
  flags: [{ ...asOf, about: 'show the settings of a past time, or of the end of a day in UTC' }, dryRunFlag],
  async run(call) {
    const { words, flags, output, client, signal } = call
    const [name, value] = words
    const { settings } = client()
    const time = flags.text('as-of')
    if (value === undefined) {
      if (flags.isOn('dry-run')) throw new UsageError('settings --dry-run expects <name> and <value>', 'settings')
      const shown = await settings.read({ signal, ...(time === undefined ? {} : { asOf: time }) })
      print(output, name === undefined ? shown : one(shown, name))
      return 0
    }
    if (time !== undefined) throw new UsageError('settings takes either <value> or --as-of', 'settings')
    // The server checks names and values.
    const patch = { [name ?? '']: parseValue(value) } as Parameters<typeof settings.update>[0]
    const written = flags.isOn('dry-run')
      ? await settings.update(patch, { signal, dryRun: true })
      : await settings.update(patch, { signal })
    return printWritten(call, written, (all) => print(output, one(all, name ?? '')))
  },
}

/** Takes JSON, and any other text as a string, so that names need no quotes. */
function parseValue(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return text
  }
}

function one(all: Row | TenantSettings, name: string): Row {
  const entry = Object.entries(all).find(([setting]) => setting === name)
  if (entry === undefined) throw new UsageError(`there is no setting '${name}'`, 'settings')
  return Object.fromEntries([entry])
}

function print(output: Output, settings: Row | TenantSettings): void {
  if (output.isJson) return output.json(settings)
  output.record(Object.fromEntries(Object.entries(settings)))
}
