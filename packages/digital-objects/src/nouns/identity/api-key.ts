// ApiKey: a named key for a program or agent; the secret part is never stored on the entity.

import { Noun } from '../../noun/noun.ts'
import { givenOrNow } from '../../verb/effect-values.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

/** Neither the key nor its hash is a field, because secrets must not enter the log. */
export const ApiKey = Noun(
  'ApiKey',
  {
    name: 'string!',
    keyPrefix: 'string?##',
    owner: '-> User.keys | Agent.keys',
    scopes: 'string?',
    kind: 'Secret | Public | Admin | Session',
    level: 'number(1..3)?',
    status: 'Active | Revoked | Expired',
    expiresAt: 'datetime?',
    lastUsedAt: 'datetime?',
    revokedAt: 'datetime?',
    expiredAt: 'datetime?',
    tags: 'string[]#',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    revoke: 'Revoked',
    expire: 'Expired',
  },
  {
    state: 'status',
    strict: true,
    // A key that was revoked or has expired may be known to others, so it never works again.
    transitions: [
      { from: ['Active'], verb: 'revoke', to: 'Revoked', irreversible: true },
      { from: ['Active'], verb: 'update', to: 'Expired', irreversible: true },
      { from: ['Active'], verb: 'expire', to: 'Expired', irreversible: true },
    ],
    states: {
      Revoked: { sets: { revokedAt: givenOrNow('revokedAt') }, holds: ['revokedAt'] },
      Expired: { sets: { expiredAt: givenOrNow('expiredAt') }, holds: ['expiredAt'] },
    },
    onDelete: { owner: 'cascade' },
    effects: { expire: { systemOnly: true } },
    schedules: [{ at: 'expiresAt', when: { status: 'Active' }, call: 'expire' }],
  },
)

export const apiKeyTexts: NounTexts = {
  about: 'A named key for a program or agent; the secret part is never stored on the entity.',
  descriptions: {
    name: 'Label that says what the key is used for.',
    keyPrefix: 'First characters of the key, by which people recognize it; the server makes the key and fills them in.',
    owner: 'User or agent who calls with the key; without one, the key is a principal of its own.',
    scopes:
      'Limits of the key, separated by commas, such as read,write:content; without them it may do what its owner may.',
    kind: 'Holder of the key: a server (Secret), a browser (Public), an operator (Admin) or a session (Session).',
    level: 'Access level of the key, from 1 (session) to 3 (production).',
    status: 'State of the key; revoke makes it Revoked.',
    expiresAt: 'Time at which the server lets the key expire.',
    lastUsedAt: 'Time the key was last used; the server records it at most once an hour.',
    revokedAt: 'Time the key was revoked; revoke sets it.',
    expiredAt: 'Time the key expired.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    revoke: 'Sets status to Revoked, and the key works no more; refused with 409 unless status is Active.',
    expire: 'Sets status to Expired; called by the server at expiresAt.',
  },
}
