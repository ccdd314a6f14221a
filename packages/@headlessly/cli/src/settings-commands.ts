// `login` and `init`: what is written to the file of settings.

import { Headlessly } from '@headlessly/sdk'
import type { Command, CommandCall } from './command.ts'
import { defaultEndpoint, requireTenant, saveSettings, type Settings } from './settings.ts'

export const settingsCommands: readonly Command[] = [
  {
    name: 'init',
    words: [],
    about: 'writes the file of settings, and says what to try next',
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
  {
    name: 'login',
    words: [],
    about: 'keeps tenant, endpoint and key for the commands that follow',
    example: 'login --tenant acme --endpoint https://headless.example --api-key hly_0123456789AB',
    flags: [],
    async run(call) {
      const { tenant } = requireTenant(call.settings)
      const file = save(call, call.settings)
      call.output.line(`tenant ${tenant} of ${call.settings.endpoint ?? defaultEndpoint}, written to ${file}`)
      return 0
    },
  },
]

function save({ env }: CommandCall, settings: Settings): string {
  // Refuses what no client takes.
  Headlessly(requireTenant(settings))
  return saveSettings(settings, env)
}
