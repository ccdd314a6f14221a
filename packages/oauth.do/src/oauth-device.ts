// The device flow (RFC 8628): a program without a browser shows a code, a person enters it on a page of this server, and the
// program asks until the person has decided. Tokens are made when it asks, so that nothing secret waits for it.

import type { AuthRequest } from '@cloudflare/workers-oauth-provider'
import type { AuthorizationAnswer, AuthorizationRequest, ConsentClient, ExpiringValues } from '@dotdo/service'
import { type NounSchema, ObjectError, sha256Hex } from 'digital-objects'
import { jsonAnswer, messagePage, oauthError, pageAnswer, responseToAnswer, toRequest } from './oauth-answer.ts'
import { authenticate, clientIdOf, refuseClient } from './oauth-client-proof.ts'
import { type Consenting, grant, parseAsked } from './oauth-consent.ts'
import { oauthPaths } from './oauth-metadata.ts'
import type { Provider } from './oauth-provider.ts'

const lifeSeconds = 600
const intervalSeconds = 5
/** Devices of a tenant that wait at a time. Anybody may begin one. */
const devicesMax = 100
/** Wrong codes of all persons of a tenant in a minute; with 20^8 codes, guessing is hopeless. */
const wrongCodesMax = 10
const wrongCodesMs = 60_000
/** Without vowels, so that no code is a word, and without characters that look alike. */
const alphabet = 'BCDFGHJKLMNPQRSTVWXZ'
const codeCharacters = 8

interface Device {
  readonly clientId: string
  readonly scope: readonly string[]
  readonly resource: string
  readonly userCode: string
  readonly state: 'pending' | 'approved' | 'denied'
  readonly intervalMs: number
  readonly askedMs: number
  /** The person who has allowed it. */
  readonly principal?: string
}

export interface Devices {
  readonly values: ExpiringValues
  readonly schemas: readonly NounSchema[]
}

/** The pages and endpoints of the flow. Reads and writes of a device have no await between them. */
export class DeviceFlow {
  readonly #now: () => number
  #wrongCodes: readonly number[] = []

  constructor(now: () => number) {
    this.#now = now
  }

  /** Answers the request of a device for its codes. */
  async begin(
    request: AuthorizationRequest,
    { provider, values, schemas }: Devices & { readonly provider: Provider },
  ): Promise<AuthorizationAnswer> {
    const form = new URLSearchParams(request.body)
    const refusal = await authenticate(request, { form, provider })
    if (refusal !== undefined) return refusal
    if (values.count(prefix) >= devicesMax) return oauthError('temporarily_unavailable', 'too many devices wait', 503)
    const scope = tryAsked((form.get('scope') ?? '').split(' ').filter(Boolean), schemas)
    if (typeof scope === 'string') return oauthError('invalid_scope', scope)
    const deviceCode = randomText(43, base62)
    const userCode = randomText(codeCharacters, alphabet)
    const device: Device = {
      clientId: clientIdOf(request, form),
      scope,
      resource: form.get('resource') ?? request.issuer,
      userCode,
      state: 'pending',
      intervalMs: intervalSeconds * 1_000,
      askedMs: 0,
    }
    this.#put(values, keyOf(deviceCode), { device, endsMs: this.#now() + lifeSeconds * 1_000 })
    const uri = request.issuer + oauthPaths.device
    return jsonAnswer({
      device_code: deviceCode,
      user_code: shown(userCode),
      verification_uri: uri,
      verification_uri_complete: `${uri}?user_code=${shown(userCode)}`,
      expires_in: lifeSeconds,
      interval: intervalSeconds,
    })
  }

  /** Answers a device that asks for its tokens. Call it in turn with other requests for tokens. */
  async poll(
    request: AuthorizationRequest,
    { provider, values }: Pick<Devices, 'values'> & { readonly provider: Provider },
  ): Promise<AuthorizationAnswer> {
    const form = new URLSearchParams(request.body)
    const refusal = refuseClient(request, form) ?? (await authenticate(request, { form, provider }))
    if (refusal !== undefined) return refusal
    const key = keyOf(form.get('device_code') ?? '')
    const found = values.get(key)
    const device = found && parseDevice(found.value)
    if (device === undefined || device.clientId !== clientIdOf(request, form))
      return oauthError('expired_token', 'the device code is not valid: it was used, has expired or never was')
    if (device.state === 'denied') {
      values.delete(key)
      return oauthError('access_denied', 'the person has refused')
    }
    if (device.state === 'pending') return this.#wait(values, key, { device, endsMs: found?.endsMs })
    // The device that takes it gets the tokens, and no other.
    return values.take(key) === undefined
      ? oauthError('expired_token', 'the device code was used')
      : mint(request, { form, provider, device })
  }

  #wait(
    values: ExpiringValues,
    key: string,
    { device, endsMs }: { readonly device: Device; readonly endsMs: number | undefined },
  ): AuthorizationAnswer {
    const isEarly = this.#now() - device.askedMs < device.intervalMs
    const intervalMs = isEarly ? device.intervalMs + intervalSeconds * 1_000 : device.intervalMs
    this.#put(values, key, { device: { ...device, intervalMs, askedMs: this.#now() }, endsMs })
    return isEarly
      ? oauthError('slow_down', `ask every ${intervalMs / 1_000} seconds`)
      : oauthError('authorization_pending', 'the person has not decided yet')
  }

  /** Answers GET: the page for the code. */
  show(request: AuthorizationRequest): AuthorizationAnswer {
    const code = new URLSearchParams(request.search).get('user_code') ?? ''
    return pageAnswer({ kind: 'device', code: shown(plain(code)) })
  }

  /** Answers POST: first the code, then the decision. */
  async decide(request: AuthorizationRequest, of: Consenting & Devices): Promise<AuthorizationAnswer> {
    const form = new URLSearchParams(request.body)
    const code = plain(form.get('user_code') ?? '')
    const now = this.#now()
    this.#wrongCodes = this.#wrongCodes.filter((at) => at > now - wrongCodesMs)
    if (this.#wrongCodes.length >= wrongCodesMax)
      return messagePage('Too many wrong codes', 'Wait a minute, and try again.', 429)
    const found = of.values.named(nameOf(code))
    const device = found && parseDevice(found.value)
    if (found === undefined || device?.state !== 'pending') {
      this.#wrongCodes = [...this.#wrongCodes, now]
      return pageAnswer({ kind: 'device', code: '', error: 'No device waits with this code.' }, 400)
    }
    if (form.get('handle') === null) return ask(request, { ...of, device })
    return this.#decided(request, { ...of, device, found })
  }

  async #decided(
    request: AuthorizationRequest,
    {
      provider: { api },
      by,
      values,
      device,
      found,
    }: Consenting & Devices & { readonly device: Device; readonly found: { key: string; endsMs: number | undefined } },
  ): Promise<AuthorizationAnswer> {
    const { AuthorizationError } = await import('@cloudflare/workers-oauth-provider')
    const form = new URLSearchParams(request.body)
    try {
      const { request: asked } = await api.approveConsent(toRequest(request), form.get('handle') ?? '')
      if (asked.state !== device.userCode) return messagePage('This request is not valid', 'It is for another device.')
    } catch (error) {
      if (!(error instanceof AuthorizationError)) throw error
      return messagePage('This request is not valid', error.description)
    }
    const scope = device.scope.filter((one) => form.getAll('scope').includes(one))
    const isApproved = form.get('decision') === 'approve' && scope.length > 0
    const decided: Device = isApproved
      ? { ...device, state: 'approved', scope, principal: by.principal }
      : { ...device, state: 'denied' }
    if (values.get(found.key) === undefined) return messagePage('Too late', 'The code has expired.')
    this.#put(values, found.key, { device: decided, endsMs: found.endsMs })
    return isApproved
      ? messagePage('Allowed', 'You can return to your device.', 200)
      : messagePage('Refused', 'The device gets no access.', 200)
  }

  #put(
    values: ExpiringValues,
    key: string,
    { device, endsMs }: { readonly device: Device; readonly endsMs: number | undefined },
  ): void {
    values.put({ key, value: JSON.stringify(device), name: nameOf(device.userCode), endsMs })
  }
}

/** The page on which the person decides. The library binds it to the browser. */
async function ask(
  request: AuthorizationRequest,
  { provider: { api }, device }: Consenting & { readonly device: Device },
): Promise<AuthorizationAnswer> {
  const client = await api.lookupClient(device.clientId)
  if (client === null) return messagePage('This program is unknown', 'Its registration has expired.')
  const asked = await toAuthRequest(request, { device, redirectUri: client.redirectUris[0] ?? '', verifier: '' })
  const { handle, headers } = await api.beginConsent(asked)
  headers.delete('content-security-policy')
  const described: ConsentClient = { name: client.clientName ?? device.clientId, isLoopback: false }
  const code = shown(device.userCode)
  return pageAnswer({ kind: 'device-consent', client: described, scopes: device.scope, code, handle }, 200, headers)
}

/** Makes the grant and redeems its code at once, as the client that asks. */
async function mint(
  request: AuthorizationRequest,
  of: { readonly form: URLSearchParams; readonly provider: Provider; readonly device: Device },
): Promise<AuthorizationAnswer> {
  const { provider, device, form } = of
  const client = await provider.api.lookupClient(device.clientId)
  const redirectUri = client?.redirectUris[0] ?? ''
  const verifier = randomText(64, base62)
  const asked = await toAuthRequest(request, { device, redirectUri, verifier })
  const by = { principal: device.principal ?? '', isPerson: true, mayDoEverything: false }
  const location = await grant(asked, { provider, by, scope: device.scope })
  const redeemed = new URLSearchParams(form)
  redeemed.delete('device_code')
  redeemed.set('grant_type', 'authorization_code')
  redeemed.set('code', new URL(location).searchParams.get('code') ?? '')
  redeemed.set('redirect_uri', redirectUri)
  redeemed.set('code_verifier', verifier)
  return responseToAnswer(await provider.fetch(toRequest(request, redeemed)))
}

async function toAuthRequest(
  { issuer }: AuthorizationRequest,
  of: { readonly device: Device; readonly redirectUri: string; readonly verifier: string },
): Promise<AuthRequest> {
  const { device, redirectUri, verifier } = of
  return {
    responseType: 'code',
    clientId: device.clientId,
    redirectUri,
    scope: [...device.scope],
    state: device.userCode,
    codeChallenge: await challengeOf(verifier),
    codeChallengeMethod: 'S256',
    resource: device.resource,
    issuer,
  }
}

const prefix = 'device:'

function keyOf(deviceCode: string): string {
  return prefix + sha256Hex(deviceCode)
}

function nameOf(userCode: string): string {
  return `user_code ${userCode}`
}

/** The code as a person may have typed it. */
function plain(code: string): string {
  return code
    .toUpperCase()
    .replace(/[^A-Z]/g, '')
    .slice(0, codeCharacters)
}

function shown(code: string): string {
  return code === '' ? '' : `${code.slice(0, codeCharacters / 2)}-${code.slice(codeCharacters / 2)}`
}

function parseDevice(value: string): Device {
  return JSON.parse(value) as Device // written by `#put`
}

/** Returns what is wrong with the scopes as a string. */
function tryAsked(scopes: readonly string[], schemas: readonly NounSchema[]): readonly string[] | string {
  try {
    return parseAsked(scopes, schemas)
  } catch (error) {
    if (error instanceof ObjectError) return error.message
    throw error
  }
}

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Every character is as likely as any other. */
function randomText(length: number, characters: string): string {
  const limit = 256 - (256 % characters.length)
  let text = ''
  while (text.length < length)
    for (const byte of crypto.getRandomValues(new Uint8Array(length)))
      if (byte < limit && text.length < length) text += characters.charAt(byte % characters.length)
  return text
}

async function challengeOf(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))
  return btoa(String.fromCharCode(...new Uint8Array(digest)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}
