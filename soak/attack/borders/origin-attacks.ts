// Pages of other origins, names that lead here, and what a proxy or a browser may add. A page has what the browser of the owner
// would send: the cookie of a claimed server, and on an open one nothing is needed.

import { attacksOf, type BorderAttack, refused, type Row } from './border-attack.ts'

const evil = { origin: 'https://evil.example' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const made = { name: 'x' }
const upgrade = {
  connection: 'upgrade',
  upgrade: 'websocket',
  'sec-websocket-key': 'MDEyMzQ1Njc4OWFiY2RlZg==',
  'sec-websocket-version': '13',
}

const pages: readonly Row[] = [
  ['a write from a page elsewhere', 'page', 'POST', '/~acme/Contact', 403, { body: made, headers: evil }],
  [
    'a write from a page without an origin',
    'page',
    'POST',
    '/~acme/Contact',
    403,
    { body: made, headers: { origin: 'null' } },
  ],
  ['a write from a file', 'page', 'POST', '/~acme/Contact', 403, { body: made, headers: { origin: 'file://' } }],
  [
    'a write from a name that looks like this one',
    'page',
    'POST',
    '/~acme/Contact',
    403,
    { body: made, headers: { origin: 'http://localhost.evil.example' } },
  ],
  [
    'a write from a name that ends like this one',
    'page',
    'POST',
    '/~acme/Contact',
    403,
    { body: made, headers: { origin: 'http://evil-localhost' } },
  ],
  ['a deletion from a page elsewhere', 'page', 'DELETE', '/~acme/Deal/$own', 403, { headers: evil }],
  [
    'a form from a page elsewhere',
    'page',
    'POST',
    '/~acme/Contact',
    refused,
    { body: 'name=x', headers: { ...evil, ...form } },
  ],
  ['a form without an origin', 'page', 'POST', '/~acme/Contact', refused, { body: 'name=x', headers: form }],
  [
    'plain text from a page elsewhere',
    'page',
    'POST',
    '/~acme/Contact',
    403,
    { body: '{"name":"x"}', headers: { ...evil, 'content-type': 'text/plain' } },
  ],
  [
    'plain text without an origin',
    'page',
    'POST',
    '/~acme/Contact',
    refused,
    { body: '{"name":"x"}', headers: { 'content-type': 'text/plain' } },
  ],
  [
    'code from a page elsewhere',
    'page',
    'POST',
    '/~acme/do',
    403,
    { body: { code: '$ => $.Contact.create({ name: "x" })' }, headers: evil },
  ],
  [
    'a message from a page elsewhere',
    'page',
    'POST',
    '/~acme/rpc',
    403,
    { body: { calls: [{ kind: 'write', noun: 'Contact', verb: 'create', body: '{"name":"x"}' }] }, headers: evil },
  ],
  [
    'an agent from a page elsewhere',
    'page',
    'POST',
    '/~acme/mcp',
    403,
    { body: { jsonrpc: '2.0', id: 1, method: 'tools/list' }, headers: evil },
  ],
  ['a socket of RPC from a page elsewhere', 'page', 'GET', '/~acme/rpc', 403, { headers: { ...evil, ...upgrade } }],
  [
    'a socket of events from a page elsewhere',
    'page',
    'GET',
    '/~acme/events',
    403,
    { headers: { ...evil, ...upgrade } },
  ],
  [
    'a deletion of a tenant from a page elsewhere',
    'page',
    'DELETE',
    '/tenants/acme',
    403,
    { body: { confirm: 'acme' }, headers: evil },
  ],
  [
    'a change of the rules from a page elsewhere',
    'page',
    'PUT',
    '/~acme/rules',
    403,
    { body: { roles: {} }, headers: evil },
  ],
  ['a key from a page elsewhere', 'page', 'POST', '/~acme/ApiKey', 403, { body: { name: 'mine' }, headers: evil }],
  [
    'a write after a click elsewhere',
    'page',
    'POST',
    '/~acme/Contact',
    403,
    { body: made, headers: { ...evil, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' } },
  ],
  ['signing out from a page elsewhere', 'page', 'POST', '/sign-out', 403, { body: {}, headers: evil, on: 'claimed' }],
  [
    'a tenant from a page elsewhere',
    'page',
    'POST',
    '/account/tenants',
    403,
    { body: { tenant: 'mine' }, headers: evil, on: 'claimed' },
  ],
  [
    'a password from a page elsewhere',
    'page',
    'POST',
    '/account/password',
    403,
    { body: { password: 'a-long-password-x' }, headers: evil, on: 'claimed' },
  ],
  [
    'a request of the owner without an origin',
    'page',
    'POST',
    '/account/tenants',
    403,
    { body: { tenant: 'mine' }, on: 'claimed' },
  ],
  ['another method, by a link', 'page', 'GET', '/~acme/Deal/$own?_method=DELETE', 400],
  ['a verb, by a link', 'page', 'GET', '/~acme/Deal/$own/win', refused],
  ['an undo, by a link', 'page', 'GET', '/~acme/commits/$commit/undo', refused],
]

const names: readonly Row[] = [
  ['a foreign name that leads here', 'page', 'GET', '/~acme/Deal', 403, { headers: { host: 'evil.example' } }],
  [
    'a foreign name that leads here, for a write',
    'page',
    'POST',
    '/~acme/Contact',
    403,
    { body: made, headers: { host: 'evil.example', origin: 'http://evil.example' } },
  ],
  [
    'a foreign name with an origin of its own',
    'page',
    'GET',
    '/~acme/events',
    403,
    { headers: { host: 'evil.example', accept: 'text/event-stream' } },
  ],
  [
    'a name that begins like this machine',
    'page',
    'GET',
    '/~acme/Deal',
    403,
    { headers: { host: 'localhost.evil.example' } },
  ],
  ['a name that holds an address', 'page', 'GET', '/~acme/Deal', 403, { headers: { host: '127.0.0.1.evil.example' } }],
  ['an address in another notation', 'page', 'GET', '/~acme/Deal', refused, { headers: { host: '169.254.169.254' } }],
  ['a name with a user in it', 'page', 'GET', '/~acme/Deal', refused, { headers: { host: 'localhost@evil.example' } }],
  ['a foreign name for the lake', 'page', 'GET', '/lake', 403, { headers: { host: 'evil.example' } }],
  [
    'a foreign name for signing in',
    'page',
    'POST',
    '/sign-in/password',
    403,
    {
      body: { email: 'olga@example.com', password: 'x' },
      headers: { host: 'evil.example', origin: 'http://evil.example' },
      on: 'claimed',
    },
  ],
  [
    'a tenant in the first label of a foreign name',
    'page',
    'GET',
    '/Deal',
    403,
    { headers: { host: 'acme.evil.example' } },
  ],
  [
    'a forwarded name',
    'page',
    'POST',
    '/~acme/Contact',
    403,
    {
      body: made,
      headers: { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
    },
  ],
  [
    'a forwarded name by its standard',
    'page',
    'POST',
    '/~acme/Contact',
    403,
    { body: made, headers: { origin: 'https://evil.example', forwarded: 'host=evil.example;proto=https' } },
  ],
]

const readable: BorderAttack = {
  name: 'an answer that a page elsewhere may read',
  entry: 'origins',
  by: 'page',
  expected: ['unreadable'],
  async send(stage) {
    const asked = await stage.send({
      method: 'GET',
      path: '/~acme/Deal',
      headers: { ...evil, ...(stage.cookie === undefined ? {} : { cookie: stage.cookie }) },
    })
    const allowed = asked.headers['access-control-allow-origin']
    return { ...asked, status: allowed === undefined || allowed === 'null' ? 'unreadable' : String(allowed) }
  },
}

const preflight: BorderAttack = {
  name: 'a preflight that allows a page elsewhere to write',
  entry: 'origins',
  by: 'page',
  expected: ['unreadable'],
  async send(stage) {
    const asked = await stage.send({
      method: 'OPTIONS',
      path: '/~acme/Contact',
      headers: { ...evil, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    })
    return { ...asked, status: asked.headers['access-control-allow-origin'] === undefined ? 'unreadable' : 'readable' }
  },
}

export const originAttacks: readonly BorderAttack[] = [
  ...attacksOf('origins', pages),
  readable,
  preflight,
  ...attacksOf('names and proxies', names),
]
