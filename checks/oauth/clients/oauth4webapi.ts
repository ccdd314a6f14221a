// Signs in with oauth4webapi, from nothing but the tenant's URL.

import * as oauth from 'oauth4webapi'
import { decide } from './person.ts'

const resource = new URL(process.argv[2] ?? '')
const insecure = { [oauth.allowInsecureRequests]: true }
const redirectUri = 'http://127.0.0.1:4321/callback'

const described = await oauth.processResourceDiscoveryResponse(
  resource,
  await oauth.resourceDiscoveryRequest(resource, insecure),
)
const issuer = new URL(described.authorization_servers?.[0] ?? '')
const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
const server = await oauth.processDiscoveryResponse(issuer, found)
const registration = {
  client_name: 'oauth4webapi',
  redirect_uris: [redirectUri],
  token_endpoint_auth_method: 'client_secret_basic',
}
const registered = await oauth.dynamicClientRegistrationRequest(server, registration, insecure)
const client = await oauth.processDynamicClientRegistrationResponse(registered)
const proof = oauth.ClientSecretBasic(String(client.client_secret))

const verifier = oauth.generateRandomCodeVerifier()
const state = oauth.generateRandomState()
const address = new URL(server.authorization_endpoint ?? '')
address.search = new URLSearchParams({
  client_id: client.client_id,
  redirect_uri: redirectUri,
  response_type: 'code',
  scope: 'read write',
  state,
  resource: resource.href,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
}).toString()
const returned = oauth.validateAuthResponse(server, client, await decide(address), state)
const redeemed = await oauth.authorizationCodeGrantRequest(server, client, proof, returned, redirectUri, verifier, {
  additionalParameters: { resource: resource.href },
  ...insecure,
})
const tokens = await oauth.processAuthorizationCodeResponse(server, client, redeemed)
console.log(`signed in: ${tokens.scope}`)

const read = async (token: string) => {
  const url = new URL(`${resource.href}/Contact`)
  try {
    return (await oauth.protectedResourceRequest(token, 'GET', url, new Headers(), null, insecure)).status
  } catch (error) {
    return error instanceof oauth.WWWAuthenticateChallengeError ? error.status : String(error)
  }
}
console.log(`read ${await read(tokens.access_token)}`)
const refreshed = await oauth.refreshTokenGrantRequest(server, client, proof, String(tokens.refresh_token), insecure)
const next = await oauth.processRefreshTokenResponse(server, client, refreshed)
console.log(`refreshed: read ${await read(next.access_token)}`)
const introspected = await oauth.introspectionRequest(server, client, proof, next.access_token, insecure)
const token = await oauth.processIntrospectionResponse(server, client, introspected)
console.log(`introspected: ${token.active} ${token.sub}`)
await oauth.processRevocationResponse(
  await oauth.revocationRequest(server, client, proof, String(next.refresh_token), insecure),
)
// Answers of caches follow within a second.
await new Promise((resolve) => setTimeout(resolve, 1_100))
console.log(`revoked: read ${await read(next.access_token)}`)
