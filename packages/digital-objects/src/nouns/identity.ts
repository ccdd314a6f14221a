// Who acts: people, and the keys that programs and agents hold.

import { Noun } from '../noun/noun.ts'
import { given, ifEmpty, literal } from './effect-values.ts'

export const User = Noun(
  'User',
  {
    name: 'string!',
    email: 'email!##',
    avatar: 'url?',
    role: 'Admin | Member | Viewer',
    status: 'Active | Suspended | Invited',
    lastSeenAt: 'datetime?',
    metadata: 'json?',
    invite: 'Invited',
    suspend: 'Suspended',
    activate: 'Activated',
  },
  {
    effects: {
      // Somebody who is invited is known by the address until there is a name.
      invite: { creates: true, sets: { name: ifEmpty(given('email')) } },
      suspend: { from: { field: 'status', values: ['Active'], hard: false } },
      activate: {
        from: { field: 'status', values: ['Invited', 'Suspended'], hard: false },
        sets: { status: literal('Active') },
      },
    },
  },
)

/** Neither the key nor its hash is a field: secrets never enter the log. */
export const ApiKey = Noun(
  'ApiKey',
  {
    name: 'string!',
    // Filled by the server when it makes the key.
    keyPrefix: 'string?##',
    scopes: 'string?',
    kind: 'Secret | Public | Admin | Session',
    level: 'number?',
    status: 'Active | Revoked | Expired',
    expiresAt: 'datetime?',
    lastUsedAt: 'datetime?',
    metadata: 'json?',
    revoke: 'Revoked',
  },
  { effects: { revoke: { from: { field: 'status', values: ['Active'], hard: true } } } },
)
