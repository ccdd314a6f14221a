// Signs in with openid-client: by a code, and as a device.

import * as client from 'openid-client'
import { allowDevice, decide } from './person.ts'

const tenant = new URL(process.argv[2] ?? '')
const redirectUri = 'http://127.0.0.1:4321/callback'
const metadata = { client_name: 'openid-client', redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' }
const options = { algorithm: 'oauth2', execute: [client.allowInsecureRequests] } as const
const config = await client.dynamicClientRegistration(tenant, metadata, client.None(), options)

const pkceCodeVerifier = client.randomPKCECodeVerifier()
const expectedState = client.randomState()
const address = client.buildAuthorizationUrl(config, {
  redirect_uri: redirectUri,
  scope: 'read',
  state: expectedState,
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: 'S256',
})
const returned = await decide(address)
const tokens = await client.authorizationCodeGrant(config, returned, { pkceCodeVerifier, expectedState })
console.log(`signed in: ${tokens.scope}`)
const read = async (token: string) => {
  const answer = await fetch(`${tenant.href}/Contact`, { headers: { authorization: `Bearer ${token}` } })
  return answer.status
}
console.log(`read ${await read(tokens.access_token)}`)
const next = await client.refreshTokenGrant(config, String(tokens.refresh_token))
console.log(`refreshed: read ${await read(next.access_token)}`)
try {
  await client.refreshTokenGrant(config, String(tokens.refresh_token))
} catch (error) {
  console.log(`replayed: ${error instanceof client.ResponseBodyError ? error.error : String(error)}`)
}
console.log(`after the replay: read ${await read(next.access_token)}`)

const device = await client.initiateDeviceAuthorization(config, { scope: 'read write' })
const polled = client.pollDeviceAuthorizationGrant(config, device)
await allowDevice(String(device.verification_uri_complete))
const deviceTokens = await polled
console.log(`device: ${deviceTokens.scope}, read ${await read(deviceTokens.access_token)}`)
await client.tokenRevocation(config, deviceTokens.access_token)
// Answers of caches follow within a second.
await new Promise((resolve) => setTimeout(resolve, 1_100))
console.log(`revoked: read ${await read(deviceTokens.access_token)}`)
