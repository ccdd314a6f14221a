// The page of what a person has allowed: which client, since when, with which scopes. The person takes it back there; full
// authority sees and ends the grants of all.

import type { AuthorizationAnswer, AuthorizationRequest, AuthorizingCaller, ListedGrant } from '@dotdo/service'
import { messagePage, redirectAnswer } from './oauth-answer.ts'
import { type Grants, keyOfGrant, type StoredGrant } from './oauth-grants.ts'

interface Listing {
  readonly by: AuthorizingCaller
  readonly grants: Grants
}

/** Answers GET by the list, and POST of a `grant` by its end. */
export function answerGrants(request: AuthorizationRequest, { by, grants }: Listing): AuthorizationAnswer {
  const own = grants.list(by.mayDoEverything ? undefined : by.principal)
  if (request.method !== 'POST') return listing(own.map(describe))
  const asked = new URLSearchParams(request.body).get('grant')
  const found = own.find(({ id }) => keyOfGrant(id) === asked)
  if (found === undefined) return messagePage('There is no such grant', 'It is not yours, or has ended already.', 404)
  grants.revoke(
    { userId: found.userId, grantId: found.id },
    { about: 'a person has taken it back', actor: by.principal },
  )
  return redirectAnswer(`${request.issuer}${request.path}`)
}

function listing(grants: readonly ListedGrant[]): AuthorizationAnswer {
  const headers = [
    ['content-type', 'application/json'],
    ['cache-control', 'no-store'],
  ] as const
  return { status: 200, headers, body: JSON.stringify({ grants }), page: { kind: 'grants', grants } }
}

function describe({ id, clientId, scope, metadata, createdAt }: StoredGrant): ListedGrant {
  const { principal, clientName: client } = metadata
  return {
    grant: keyOfGrant(id),
    principal,
    client,
    clientId,
    scopes: scope,
    since: new Date(createdAt * 1_000).toISOString(),
  }
}
