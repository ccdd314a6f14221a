// A provider of accounts that answers in the same process: OpenID Connect Core 1.0, with ES256 and PKCE.

const issuer = 'https://provider.example'
const clientId = 'headlessly'

interface Code {
  readonly nonce: string
  readonly challenge: string
  readonly subject: string
}

const codes = new Map<string, Code>()
const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const
const keys = crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<CryptoKeyPair>

/** Mistakes of the provider in its next tokens. */
export const wrong: { nonce?: string; issuer?: string; audience?: string; signature?: boolean } = {}

export const provider = { name: 'Example', issuer, clientId, clientSecret: 'the secret of the client' }

/** A person signs in at the provider's page. Returns the address to which it sends the browser. */
export function signInThere(url: string, subject: string): string {
  const { searchParams: given } = new URL(url)
  const code = crypto.randomUUID()
  codes.set(code, { nonce: given.get('nonce') ?? '', challenge: given.get('code_challenge') ?? '', subject })
  const back = new URL(given.get('redirect_uri') ?? '')
  back.searchParams.set('code', code)
  back.searchParams.set('state', given.get('state') ?? '')
  back.searchParams.set('iss', issuer)
  return back.href
}

export async function providerFetch(
  url: string,
  { body }: { readonly body?: URLSearchParams | undefined },
): Promise<Response> {
  switch (new URL(url).pathname) {
    case '/.well-known/openid-configuration':
      return Response.json({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        authorization_response_iss_parameter_supported: true,
        id_token_signing_alg_values_supported: ['ES256'],
      })
    case '/keys':
      return Response.json({ keys: [{ ...(await publicKey()), alg: 'ES256', use: 'sig', kid: '1' }] })
    case '/token':
      return token(new URLSearchParams(body))
    default:
      return new Response(null, { status: 404 })
  }
}

async function publicKey(): Promise<JsonWebKey> {
  return (await crypto.subtle.exportKey('jwk', (await keys).publicKey)) as JsonWebKey
}

async function token(given: URLSearchParams): Promise<Response> {
  const code = codes.get(given.get('code') ?? '')
  codes.delete(given.get('code') ?? '')
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(given.get('code_verifier') ?? ''))
  const isRight =
    code?.challenge === toBase64Url(new Uint8Array(hash)) && given.get('client_secret') === provider.clientSecret
  if (code === undefined || !isRight) return Response.json({ error: 'invalid_grant' }, { status: 400 })
  const now = Math.floor(Date.now() / 1_000)
  const claims = {
    iss: wrong.issuer ?? issuer,
    aud: wrong.audience ?? clientId,
    nonce: wrong.nonce ?? code.nonce,
    sub: code.subject,
    iat: now,
    exp: now + 60,
  }
  return Response.json({ access_token: 'unused', token_type: 'bearer', id_token: await sign(claims) })
}

/** The token of a CI job, with these claims besides or in place of right ones. */
export function tokenOfJob(claims: object): Promise<string> {
  const now = Math.floor(Date.now() / 1_000)
  const right = { iss: issuer, sub: 'repo:acme/shop', repository_owner: 'acme', iat: now, exp: now + 300 }
  return sign({ ...right, ...claims })
}

async function sign(claims: object): Promise<string> {
  const parts = [{ alg: 'ES256', kid: '1' }, claims].map((part) =>
    toBase64Url(new TextEncoder().encode(JSON.stringify(part))),
  )
  const text = parts.join('.')
  const signed = new TextEncoder().encode(wrong.signature === true ? `${text}x` : text)
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, (await keys).privateKey, signed)
  return `${text}.${toBase64Url(new Uint8Array(signature))}`
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
