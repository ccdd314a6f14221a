// `trial` and `claim`: a tenant for a day without an account, and the way to keep it.

import { HeadlesslyError } from '@headlessly/sdk'
import type { Command, CommandCall } from './command.ts'
import { contextOf, type Members, postJson } from './oauth-endpoints.ts'
import { defaultEndpoint, requireTenant, saveSettings } from './settings.ts'

/** The token by which the job's platform says which job this is. */
const tokenVariable = 'HEADLESSLY_ID_TOKEN'

const trialCommand: Command = {
  name: 'trial',
  words: [],
  about: 'begin a tenant that lasts a day, without an account, and save its key for later commands',
  example: 'trial --endpoint https://headless.example',
  flags: [],
  async run({ settings, env, output }) {
    const made = await ask(`${serverOf(settings)}/trials`, {})
    const [tenant, apiKey] = [String(made['tenant']), String(made['key'])]
    const file = saveSettings({ ...settings, tenant, apiKey }, env)
    output.line(`tenant ${tenant} until ${String(made['endsAt'])}, written to ${file}`)
    output.note('headlessly claim makes the link with which you keep it')
    return 0
  },
}

const claimCommand: Command = {
  name: 'claim',
  words: [],
  about: `make the link that keeps a trial; with --code and ${tokenVariable}, keep it as a CI job, and print its key`,
  example: 'claim',
  flags: [{ name: 'code', kind: 'value', placeholder: '<code>', about: 'the code of the link, for a CI job' }],
  run: (call) => {
    const code = call.flags.text('code')
    return code === undefined ? offer(call) : claimByJob(call, code)
  },
}

export const trialCommands: readonly Command[] = [trialCommand, claimCommand]

async function offer({ settings, output }: CommandCall): Promise<number> {
  const { tenant } = requireTenant(settings)
  const { apiKey } = settings
  if (apiKey === undefined) throw refused('no key: headlessly trial begins a trial and saves its key')
  const context = contextOf({ tenant, endpoint: settings.endpoint })
  const { link, endsAt } = await ask(`${context}/claim`, {}, { authorization: `Bearer ${apiKey}` })
  output.line(String(link))
  output.note(`open it by ${String(endsAt)} to keep ${tenant}; its key then ends, and headlessly login signs you in`)
  return 0
}

async function claimByJob({ settings, env, output }: CommandCall, code: string): Promise<number> {
  const token = env[tokenVariable]
  if (token === undefined || token === '') throw refused(`${tokenVariable} has no token of the job's platform`)
  const { key, tenant } = await ask(`${serverOf(settings)}/trials/claim`, { code, token })
  output.note(`${String(tenant)} stays; this is its key, which nothing else has:`)
  output.line(String(key))
  return 0
}

function serverOf({ endpoint = defaultEndpoint }: CommandCall['settings']): string {
  return new URL(endpoint).href.replace(/\/+$/, '')
}

async function ask(url: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Members> {
  const { ok, body: answered } = await postJson(url, body, headers)
  if (ok) return answered
  throw refused(String(answered['detail'] ?? 'the server refused it'))
}

function refused(message: string): HeadlesslyError {
  return new HeadlesslyError({ code: 'unauthorized', status: 401, message })
}
