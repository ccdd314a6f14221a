// The answers of the authorization server: errors of OAuth (RFC 6749, 5.2), redirects and pages.

import type { AuthorizationAnswer, AuthorizationPage, AuthorizationRequest } from '@dotdo/service'

const noStore = ['cache-control', 'no-store'] as const

export function jsonAnswer(body: object, status = 200): AuthorizationAnswer {
  const headers = [['content-type', 'application/json'], noStore] as const
  return { status, headers, body: JSON.stringify(body) }
}

export function oauthError(error: string, description: string, status = 400): AuthorizationAnswer {
  return jsonAnswer({ error, error_description: description }, status)
}

export function pageAnswer(page: AuthorizationPage, status = 200, headers = new Headers()): AuthorizationAnswer {
  return { status, headers: [...headers, noStore], body: '', page }
}

export function messagePage(title: string, message: string, status = 400): AuthorizationAnswer {
  return pageAnswer({ kind: 'message', title, message }, status)
}

/** A form is answered by 303, so that the browser does not send it again to the client. */
export function redirectAnswer(location: string, headers = new Headers()): AuthorizationAnswer {
  headers.set('location', location)
  headers.set('cache-control', 'no-store')
  return { status: 303, headers: [...headers], body: '' }
}

/** The front door decides which origins may read an answer, so the library's own headers are dropped. */
export async function responseToAnswer(response: Response): Promise<AuthorizationAnswer> {
  const headers = [...response.headers].filter(([name]) => !name.startsWith('access-control-'))
  return { status: response.status, headers, body: await response.text() }
}

/** The request as the library expects it. `form` replaces its body. */
export function toRequest(
  { issuer, path, search, method, headers, body }: AuthorizationRequest,
  form?: URLSearchParams,
): Request {
  const hasBody = method === 'POST'
  const sent = new Request(`${issuer}${path}${search}`, {
    method,
    headers: headers.map(([name, value]) => [name, value]),
    ...(hasBody ? { body: form === undefined ? body : form.toString() } : {}),
  })
  return sent
}
