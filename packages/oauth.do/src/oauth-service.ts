// oauth.do: decides who calls. A key is an `ApiKey`, a member is a `User`, an `Agent` acts for its owner, and a grant of OAuth
// for the person who gave it.

import type { BeforeHook, ObjectParts, Service } from '@dotdo/service'
import { authorityOfRole, type EntityFields, isFullAuthority, isSameJson } from 'digital-objects'
import { agentLimits, reportedUse } from './agent-limits.ts'
import { AuthorizationServer } from './authorization-server.ts'
import { parseCapabilities } from './capabilities.ts'
import { keySecret } from './key-secret.ts'
import { delegatedWork } from './delegated-work.ts'
import { KeyVerdicts } from './key-verdicts.ts'
import { Grants } from './oauth-grants.ts'
import { parseScopes } from './scopes.ts'
import { scimRoutes } from './scim/scim-routes.ts'

export interface OauthOptions {
  readonly random: (count: number) => Uint8Array
  /**
   * Whether everybody who reaches the server is its owner. On a server that requires a sign-in, what an `owner` of before has
   * allowed proves nothing: it may have been anybody.
   */
  readonly isOwnerAnybody: boolean
  /** Forgets the person behind a user whose personal values were erased. Without it, nobody has an account. */
  readonly forgetUser?: (membership: { readonly tenant: string; readonly user: string }) => Promise<void>
}

export function oauthService({ random, isOwnerAnybody, forgetUser }: OauthOptions): Service {
  return {
    name: 'oauth.do',
    about: 'Decides who calls: keys, members, agents and clients of OAuth.',
    identity: (parts) => {
      const grants = new Grants(parts)
      const verdicts = new KeyVerdicts({ parts, grants, isOwnerAnybody })
      const server = new AuthorizationServer(parts, grants)
      return {
        nouns: ['ApiKey', 'User', 'Agent', 'Rules', 'Schema'],
        granting: {
          ApiKey: ['name', 'owner', 'scopes', 'kind', 'level', 'status', 'expiresAt'],
          User: ['role', 'status'],
          Agent: ['owner', ...agentLimits],
        },
        delegated: delegatedWork(isOwnerAnybody),
        verdictOf: (key) => verdicts.verdictOf(key),
        restraintOf: (principal) => verdicts.restraintOf(principal),
        budgetOf: (principal) => verdicts.budgetOf(principal),
        authorityOf: (principal, roles) => verdicts.authorityOf(principal, roles),
        secretFor: (noun, input) => (noun === 'ApiKey' ? keySecret(input, random) : undefined),
        spentBy: (noun, { id, ...made }) => (noun === 'Agent' ? reportedUse(id, made) : undefined),
        tokenOf: (hash) => grants.tokenOf(hash),
        authorize: (request) => server.answer(request),
        isPublic: (key) => key.startsWith('apikey_') && parts.read(key)?.['kind'] === 'Public',
        used: (key) => verdicts.used(key),
      }
    },
    routes: scimRoutes,
    hooks: (parts) => ({
      after: [
        {
          id: 'oauth.do/erased',
          handles: ({ type }) => type === 'User.Erased',
          run: async ({ target }) => forgetUser?.({ tenant: parts.tenant(), user: target }),
        },
      ],
      before: beforeHooks(parts),
    }),
  }
}

function beforeHooks(parts: ObjectParts): readonly BeforeHook[] {
  return [
    {
      id: 'oauth.do/scopes',
      applies: (noun) => noun === 'ApiKey' || noun === 'Agent',
      run: ({ scopes }, { previous }): void => {
        // A key from before this rule can still be revoked.
        if (typeof scopes === 'string' && scopes !== previous?.['scopes']) parseScopes(scopes, parts.nouns())
      },
    },
    {
      id: 'oauth.do/capabilities',
      applies: (noun) => noun === 'Agent',
      run: ({ capabilities }, { previous }): void => {
        // An agent from before this rule can still be stopped.
        if (capabilities === undefined || isSameJson(capabilities, previous?.['capabilities'] ?? null)) return
        parseCapabilities(capabilities, parts.nouns())
      },
    },
    {
      id: 'oauth.do/owner',
      applies: (noun, verb) => noun === 'ApiKey' && verb === 'create',
      // A member answers for the keys that it makes: they end with the member. Only the machine's owner makes keys that are principals.
      run: (fields, { actor }): EntityFields | undefined => owned(fields, actor),
    },
    {
      id: 'oauth.do/agent-owner',
      applies: (noun, verb) => noun === 'Agent' && verb === 'create',
      // An agent has the rights of an administrator only if somebody has said so.
      run: (fields, { actor }): EntityFields | undefined =>
        mayDoEverything(parts, actor) ? undefined : owned(fields, actor),
    },
  ]
}

function owned(fields: EntityFields, actor: string): EntityFields | undefined {
  return fields['owner'] === undefined && actor.startsWith('user_') ? { ...fields, owner: actor } : undefined
}

function mayDoEverything(parts: ObjectParts, user: string): boolean {
  const { role } = parts.read(user) ?? {}
  const roles = parts.roles()
  const known = typeof role === 'string' && Object.hasOwn(roles, role) ? roles[role] : undefined
  return known !== undefined && isFullAuthority(authorityOfRole(known, user))
}
