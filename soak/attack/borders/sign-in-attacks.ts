// Accounts of a claimed server: links that were used, words that tell who has an account, redirects, and sessions of others.

import { attacksOf, type BorderAttack, refused, type Row } from './border-attack.ts'
import { came, type Came } from './raw-request.ts'
import { acme, type Stage } from './stage.ts'

const samples = 15
/** A difference that noise does not explain, as a part of the answer's time and in ms. */
const noticed = { share: 0.5, ms: 20 }

const claimed = { on: 'claimed' } as const
const own = { origin: '$url' }
const rows: readonly Row[] = [
  [
    'the link of the first owner, which was used',
    'nobody',
    'POST',
    '/sign-in/claim',
    403,
    { ...claimed, headers: own, body: { code: '$claimCode', name: 'Eve', email: 'eve@example.com' } },
  ],
  [
    'an invented link of the first owner',
    'nobody',
    'POST',
    '/sign-in/claim',
    403,
    { ...claimed, headers: own, body: { code: 'x'.repeat(43), name: 'Eve', email: 'eve@example.com' } },
  ],
  [
    'an invented link of recovery',
    'nobody',
    'POST',
    '/sign-in/recover',
    403,
    { ...claimed, headers: own, body: { code: 'x'.repeat(43) } },
  ],
  [
    'an invented invitation',
    'nobody',
    'POST',
    '/sign-in/invitation',
    403,
    { ...claimed, headers: own, body: { code: 'x'.repeat(43), name: 'Eve' } },
  ],
  [
    'signing in without an origin',
    'nobody',
    'POST',
    '/sign-in/password',
    403,
    { ...claimed, body: { email: 'olga@example.com', password: 'a-long-password' } },
  ],
  [
    'a wrong password of an account that exists',
    'nobody',
    'POST',
    '/sign-in/password',
    [401, 403, 503],
    { ...claimed, headers: own, body: { email: 'olga@example.com', password: 'a-long-password' } },
  ],
  [
    'a password for an account that does not exist',
    'nobody',
    'POST',
    '/sign-in/password',
    [401, 403, 503],
    { ...claimed, headers: own, body: { email: 'nobody@example.com', password: 'a-long-password' } },
  ],
  [
    'a passkey that was never asked for',
    'nobody',
    'POST',
    '/sign-in/passkey',
    refused,
    { ...claimed, headers: own, body: { id: 'x', response: {} } },
  ],
  [
    'an answer of a provider that was never asked',
    'nobody',
    'GET',
    '/sign-in/callback?code=x&state=y',
    refused,
    claimed,
  ],
  ['the account of nobody', 'nobody', 'GET', '/account', 401, { ...claimed, headers: { accept: 'application/json' } }],
  [
    'the account of an invented session',
    'nobody',
    'GET',
    '/account',
    401,
    { ...claimed, headers: { accept: 'application/json', cookie: `headlessly_session=${'x'.repeat(43)}` } },
  ],
  ['the account by a key', 'reader', 'GET', '/account', 401, { ...claimed, headers: { accept: 'application/json' } }],
  [
    'a tenant begun by nobody',
    'nobody',
    'POST',
    '/account/tenants',
    401,
    { ...claimed, headers: own, body: { tenant: 'mine' } },
  ],
  [
    'a tenant taken by nobody',
    'nobody',
    'POST',
    '/account/tenants',
    401,
    { ...claimed, headers: own, body: { tenant: 'acme' } },
  ],
  [
    'the end of the sessions of others',
    'nobody',
    'POST',
    '/account/sessions/end',
    401,
    { ...claimed, headers: own, body: { id: 'session_x' } },
  ],
  [
    'recovery of an account by nobody',
    'nobody',
    'POST',
    '/account/recovery',
    401,
    { ...claimed, headers: own, body: { email: 'olga@example.com' } },
  ],
  ['the tenants of the server by nobody', 'nobody', 'GET', '/tenants', 401, claimed],
  [
    'the deletion of a tenant by nobody',
    'nobody',
    'DELETE',
    '/tenants/acme',
    [401, 403],
    { ...claimed, headers: own, body: { confirm: 'acme' } },
  ],
  [
    'an invitation by nobody',
    'nobody',
    'POST',
    '/~acme/invitations',
    401,
    { ...claimed, body: { email: 'eve@example.com', name: 'Eve', role: 'Owner' } },
  ],
]

/** Where signing in leads in the end is no other host. */
const redirects: readonly BorderAttack[] = [
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example',
  'javascript:alert(1)',
  '/\t/evil.example',
  '/\n/evil.example',
  'https:evil.example',
].map((to) => ({
  name: `signing in, and then ${to}`,
  entry: 'redirects',
  by: 'nobody',
  expected: ['here'],
  on: 'claimed',
  async send(stage) {
    const page = await stage.send({
      method: 'GET',
      path: `/sign-in?to=${encodeURIComponent(to)}`,
      headers: { accept: 'text/html' },
    })
    return came(
      `${page.body}${String(page.headers['location'] ?? '')}`.includes('evil') || page.body.includes('javascript:')
        ? 'elsewhere'
        : 'here',
      '',
    )
  },
}))

const invitedTwice: BorderAttack = {
  name: 'an invitation that was used',
  entry: 'sign-in',
  by: 'nobody',
  expected: [403],
  on: 'claimed',
  causes: ['User.Created', 'User.Invited', 'User.Updated', 'User.Activated', 'User.Accepted', 'User.Joined'],
  async send(stage) {
    const made = await stage.owner({
      method: 'POST',
      path: `${acme}/invitations`,
      body: { email: 'guest@example.com', name: 'Guest', role: 'Viewer' },
    })
    const code = /#([\w-]+)/.exec(made.body)?.[1] ?? ''
    const accept = (): Promise<Came> =>
      stage.send({
        method: 'POST',
        path: '/sign-in/invitation',
        headers: { origin: stage.url },
        body: { code, name: 'Guest' },
      })
    const first = await accept()
    return Number(first.status) < 300 ? accept() : { ...first, status: `the first use: ${first.status}` }
  },
}

/** Compares the times of two requests that must not tell a difference. */
function timed(
  name: string,
  by: 'nobody' | 'reader',
  requests: (stage: Stage) => readonly [Parameters<Stage['send']>[0], Parameters<Stage['send']>[0]],
): BorderAttack {
  return {
    name,
    entry: 'timing',
    by,
    expected: ['alike'],
    on: 'claimed',
    async send(stage) {
      const times: [number[], number[]] = [[], []]
      for (let at = 0; at < samples; at++)
        for (const [nth, request] of requests(stage).entries()) {
          const startMs = performance.now()
          await stage.send(request)
          times[nth]?.push(performance.now() - startMs)
        }
      const [one = 0, two = 0] = times.map((all) => all.toSorted((a, b) => a - b)[samples >> 1] ?? 0)
      const difference = Math.abs(one - two)
      const isNoticed = difference > noticed.ms && difference > noticed.share * Math.max(one, two)
      return came(isNoticed ? `${one.toFixed(1)} and ${two.toFixed(1)} ms` : 'alike', '')
    },
  }
}

const list = (key: string) => ({
  method: 'GET',
  path: `${acme}/Deal?strong=true`,
  headers: { authorization: `Bearer ${key}` },
})
const invented = `hly_sk_${'0'.repeat(43)}`

export const signInAttacks: readonly BorderAttack[] = [
  ...attacksOf('sign-in', rows),
  ...redirects,
  invitedTwice,
  timed('whether a key was ever one, by time', 'nobody', (stage) => [
    list(stage.names.get('revokedKey') ?? ''),
    list(invented),
  ]),
  timed('whether a key is of another tenant, by time', 'nobody', (stage) => [
    list(stage.names.get('globexKey') ?? ''),
    list(invented),
  ]),
  timed('whether an entity is hidden or missing, by time', 'reader', (stage) => {
    const proof = { authorization: `Bearer ${stage.names.get('salesKey') ?? ''}` }
    const get = (id: string) => ({ method: 'GET', path: `${acme}/Deal/${id}?strong=true`, headers: proof })
    return [get(stage.names.get('hidden') ?? ''), get('deal_000000000000')]
  }),
]
