// The proof of a client's identity in OAuth. The library authenticates clients at its token endpoint, and answers a revocation of a
// token that does not exist with success, so such a request tells whether the proof is right.

import type { AuthorizationAnswer, AuthorizationRequest } from '@dotdo/service'
import { oauthError, responseToAnswer, toRequest } from './oauth-answer.ts'
import { faultOfClientId } from './oauth-clients.ts'
import { oauthPaths } from './oauth-metadata.ts'
import type { Provider } from './oauth-provider.ts'

/** Returns the refusal of a client; undefined if its proof is right. */
export async function authenticate(
  request: AuthorizationRequest,
  { form, provider }: { readonly form: URLSearchParams; readonly provider: Provider },
): Promise<AuthorizationAnswer | undefined> {
  const refusal = refuseClient(request, form)
  if (refusal !== undefined) return refusal
  const asked = new URLSearchParams(form)
  asked.delete('grant_type')
  asked.set('token', 'none')
  const response = await provider.fetch(tokenRequest(request, asked))
  return response.ok ? undefined : responseToAnswer(response)
}

/** Refuses a client whose document must not be fetched, before the library fetches it. */
export function refuseClient(request: AuthorizationRequest, form: URLSearchParams): AuthorizationAnswer | undefined {
  // The library would take the client's id from the assertion.
  if (form.has('client_assertion') && !form.has('client_id'))
    return oauthError('invalid_client', 'client_id is required beside client_assertion', 401)
  const fault = faultOfClientId(clientIdOf(request, form))
  return fault === undefined ? undefined : oauthError('invalid_client', fault, 401)
}

/** Returns '' for a request that names no client, which the library refuses. */
export function clientIdOf({ headers }: AuthorizationRequest, form: URLSearchParams): string {
  const basic = headers.find(([name]) => name === 'authorization')?.[1] ?? ''
  const encoded = /^Basic +(\S+)$/i.exec(basic)?.[1]
  if (encoded === undefined) return form.get('client_id') ?? ''
  try {
    return decodeURIComponent(atob(encoded).split(':')[0] ?? '')
  } catch {
    // Neither base64 nor percent-encoded: the library refuses it.
    return ''
  }
}

/** The library revokes at its token endpoint. */
export function tokenRequest(request: AuthorizationRequest, form: URLSearchParams): Request {
  return toRequest({ ...request, path: oauthPaths.token, search: '' }, form)
}
