// `login` and `logout`: sign in as a person by a code that is entered in a browser, or save a key.

import { Headlessly, HeadlesslyError } from '@headlessly/sdk'
import { hostname } from 'node:os'
import type { Command, CommandCall } from './command.ts'
import { contextOf, type Members, postForm, postJson, type Server, tokenRequest, toSignIn } from './oauth-endpoints.ts'
import { defaultEndpoint, requireTenant, saveSettings, type Settings } from './settings.ts'
import { readSignIn, signInsFile, withSignIns, writeSignIn } from './sign-ins.ts'

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'

export const signInCommands: readonly Command[] = [
  {
    name: 'login',
    words: [],
    about: 'sign in by a code in the browser, or save an API key, for later commands',
    example: 'login --tenant acme --endpoint https://headless.example',
    flags: [
      {
        name: 'scope',
        kind: 'value',
        placeholder: '<scopes>',
        about: 'what commands may do: "read write", say; admin by default, which is all that you may do',
      },
    ],
    async run(call) {
      const { tenant } = requireTenant(call.settings)
      const server = { tenant, endpoint: call.settings.endpoint }
      // Throws for settings that the client would refuse.
      Headlessly(requireTenant(call.settings))
      if (call.settings.apiKey === undefined) await signIn(call, server)
      const file = saveSettings(call.settings, call.env)
      const held = call.settings.apiKey === undefined ? signInsFile(call.env) : file
      call.output.line(`tenant ${tenant} of ${call.settings.endpoint ?? defaultEndpoint}, written to ${held}`)
      return 0
    },
  },
  {
    name: 'logout',
    words: [],
    about: 'revoke the sign-in of this machine, and forget it and a saved key',
    example: 'logout',
    flags: [],
    async run({ settings, env, output }) {
      const { tenant } = requireTenant(settings)
      await signOut({ tenant, endpoint: settings.endpoint }, env)
      const { apiKey: _forgotten, ...others }: Settings = settings
      saveSettings(others, env)
      output.line(`signed out of tenant ${tenant} of ${settings.endpoint ?? defaultEndpoint}`)
      return 0
    },
  },
]

async function signIn(call: CommandCall, server: Server): Promise<void> {
  const context = contextOf(server)
  const clientId = await register(context)
  const scope = call.flags.text('scope') ?? 'admin'
  const { ok, body } = await postForm(`${context}/oauth/device_authorization`, { client_id: clientId, scope })
  if (!ok) throw refused(body)
  const { device_code: deviceCode, user_code: userCode, verification_uri: uri, expires_in: seconds } = body
  call.output.note(`open ${String(uri)}?user_code=${String(userCode)}`)
  call.output.note(`and allow the code ${String(userCode)}, within ${Math.round(Number(seconds) / 60)} minutes`)
  const tokens = await poll(call, { server, clientId, deviceCode: String(deviceCode), body })
  await withSignIns(call.env, async () => writeSignIn(call.env, context, toSignIn(tokens, clientId)))
}

/** Each sign-in registers a client, since none is known before. */
async function register(context: string): Promise<string> {
  const { ok, body } = await postJson(`${context}/oauth/register`, {
    client_name: `headlessly on ${hostname()}`,
    redirect_uris: ['http://127.0.0.1/callback'],
    token_endpoint_auth_method: 'none',
  })
  if (ok && typeof body['client_id'] === 'string') return body['client_id']
  throw refused(body)
}

/** Ends with the code, after ten minutes at most. */
async function poll(
  { signal }: CommandCall,
  of: { readonly server: Server; readonly clientId: string; readonly deviceCode: string; readonly body: Members },
): Promise<Members> {
  let seconds = Number(of.body['interval'] ?? 5)
  for (;;) {
    await wait(seconds * 1_000, signal)
    const fields = { grant_type: deviceGrant, device_code: of.deviceCode, client_id: of.clientId }
    const answer = await tokenRequest(of.server, fields)
    if (answer.ok) return answer.tokens
    if (answer.error === 'slow_down') seconds += 5
    else if (answer.error !== 'authorization_pending' && answer.error !== 'temporarily_unavailable')
      throw refused({ error: answer.error })
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(new Error('stopped'))
    })
  })
}

async function signOut(server: Server, env: CommandCall['env']): Promise<void> {
  const context = contextOf(server)
  await withSignIns(env, async () => {
    const signIn = readSignIn(env, context)
    if (signIn === undefined) return
    const { refreshToken, clientId } = signIn
    await postForm(`${context}/oauth/revoke`, { token: refreshToken, client_id: clientId })
    writeSignIn(env, context, undefined)
  })
}

const reasons: Readonly<Record<string, string>> = {
  access_denied: 'it was refused in the browser',
  expired_token: 'the code has expired; run headlessly login again',
}

function refused(body: Members): HeadlesslyError {
  const { error, error_description: description, detail } = body
  const why = reasons[String(error)] ?? String(description ?? detail ?? error ?? 'the server refused it')
  return new HeadlesslyError({ code: 'unauthorized', status: 401, message: `no sign-in: ${why}` })
}
