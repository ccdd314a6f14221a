// Signs in with `auth()` of the official MCP client, which knows nothing but the URL of the interface for agents.

import { auth, Client, type OAuthClientProvider, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { decide } from './person.ts'

const serverUrl = process.argv[2] ?? ''
type Kept<Name extends 'clientInformation' | 'tokens' | 'discoveryState'> = Awaited<
  ReturnType<NonNullable<OAuthClientProvider[Name]>>
>
let client: Kept<'clientInformation'>
let tokens: Kept<'tokens'>
let discovery: Kept<'discoveryState'>
let verifier = ''
let address = new URL('http://none')
const provider: OAuthClientProvider = {
  redirectUrl: 'http://127.0.0.1:4321/callback',
  clientMetadata: {
    client_name: 'MCP client',
    redirect_uris: ['http://127.0.0.1:4321/callback'],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  },
  state: () => 'a-state',
  clientInformation: () => client,
  saveClientInformation: (given) => void (client = given),
  tokens: () => tokens,
  saveTokens: (given) => void (tokens = given),
  redirectToAuthorization: (url) => void (address = url),
  saveCodeVerifier: (given) => void (verifier = given),
  codeVerifier: () => verifier,
  discoveryState: () => discovery,
  saveDiscoveryState: (given) => void (discovery = given),
}

const refused = await fetch(serverUrl, { method: 'POST', headers: { authorization: 'Bearer hly_sk_none' } })
console.log(`refused ${refused.status}`)
const [, resourceMetadataUrl = ''] =
  /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '') ?? []
const first = await auth(provider, { serverUrl, resourceMetadataUrl: new URL(resourceMetadataUrl) })
const asked = address.searchParams
console.log(`${first}: ${asked.get('scope')} for ${new URL(asked.get('resource') ?? '').pathname.split('/').at(-1)}`)
const returned = (await decide(address)).searchParams
const [authorizationCode, iss] = [returned.get('code') ?? '', returned.get('iss') ?? '']
const second = await auth(provider, { serverUrl, authorizationCode, iss })
console.log(second)
const earlier = tokens?.access_token
const third = await auth(provider, { serverUrl })
console.log(`${third}, refreshed: ${tokens?.access_token !== earlier}`)
const agent = new Client({ name: 'check', version: '1.0.0' })
await agent.connect(new StreamableHTTPClientTransport(new URL(serverUrl), { authProvider: provider }))
const { tools } = await agent.listTools()
console.log(`tools: ${tools.map(({ name }) => name).join()}`)
await agent.close()
