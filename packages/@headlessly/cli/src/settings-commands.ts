// `init`: writes the settings file.

import { Headlessly } from '@headlessly/sdk'
import type { Command, CommandCall } from './command.ts'
import { defaultEndpoint, requireTenant, saveSettings, type Settings } from './settings.ts'

export const settingsCommands: readonly Command[] = [
  {
    name: 'init',
    words: [],
    about: 'write the settings file, and suggest the next command',
    example: 'init --tenant acme',
    flags: [],
    async run(call) {
      const { tenant = 'acme' } = call.settings
      const file = save(call, { ...call.settings, tenant })
      call.output.line(`tenant ${tenant} of ${call.settings.endpoint ?? defaultEndpoint}, written to ${file}

  serve     headlessly serve
  create    headlessly Contact.create --name 'Ada Lovelace' --email ada@example.com
  list      headlessly Contact.find --stage Lead
  listen    headlessly events --follow
  learn     headlessly schema Contact`)
      return 0
    },
  },
]

function save({ env }: CommandCall, settings: Settings): string {
  // Throws for settings that the client would refuse.
  Headlessly(requireTenant(settings))
  return saveSettings(settings, env)
}
