// Requests that are made of many calls: messages, code next to the data, and the interface for agents.

import { attacksOf, type BorderAttack, refused, type Row } from './border-attack.ts'

const find = (noun: string, parameters: object = {}) => ({ kind: 'read', read: 'find', noun, parameters })
const message = (...calls: readonly object[]) => ({ body: { calls } })
const code = (text: string) => ({ body: { code: text } })
const tool = (name: string, given: object) => ({
  body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: given } },
  headers: { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25' },
})

const messages: readonly Row[] = [
  [
    'a message that lists a Noun that is hidden',
    'sales',
    'POST',
    '/~acme/rpc',
    200,
    { ...message(find('Contact')), shows: 'not_found' },
  ],
  [
    'a message that reads a hidden entity',
    'sales',
    'POST',
    '/~acme/rpc',
    200,
    { ...message({ kind: 'read', read: 'get', noun: 'Deal', id: '$hidden', parameters: {} }), shows: 'not_found' },
  ],
  [
    'a message that writes a hidden entity',
    'sales',
    'POST',
    '/~acme/rpc',
    200,
    {
      ...message({ kind: 'write', verb: 'update', noun: 'Deal', id: '$hidden', body: '{"name":"x"}' }),
      shows: 'not_found',
    },
  ],
  [
    'a message with a command',
    'sales',
    'POST',
    '/~acme/rpc',
    [200, 400, 403],
    message({ kind: 'command', command: 'lake/rebuild' }),
  ],
  [
    'a message with a caller of its own',
    'sales',
    'POST',
    '/~acme/rpc',
    [200, 400],
    { body: { caller: { authority: 'full' }, calls: [find('Contact')] } },
  ],
  [
    'a message whose reference reads a hidden field',
    'sales',
    'POST',
    '/~acme/rpc',
    [200, 400],
    message(
      { kind: 'read', read: 'get', noun: 'Deal', id: '$own', parameters: {} },
      {
        kind: 'write',
        verb: 'update',
        noun: 'Deal',
        id: '$own',
        body: '{}',
        references: [{ call: 0, path: ['value'], into: 'body', at: ['name'] }],
      },
    ),
  ],
  [
    'a pipeline along a relation to a Noun that is hidden',
    'sales',
    'POST',
    '/~acme/rpc',
    [200, 400],
    message({
      kind: 'pipeline',
      read: 'find',
      noun: 'Deal',
      parameters: {},
      steps: [{ step: 'get', names: ['0', 'contact', 'name'] }],
    }),
  ],
  [
    'a message of a viewer that writes',
    'viewer',
    'POST',
    '/~acme/rpc',
    200,
    { ...message({ kind: 'write', verb: 'create', noun: 'Contact', body: '{"name":"x"}' }), shows: 'forbidden' },
  ],
  [
    'a message with a polluted prototype',
    'sales',
    'POST',
    '/~acme/rpc',
    [200, 400],
    { body: '{"calls":[{"__proto__":{"kind":"command"},"kind":"read","read":"constructor","parameters":{}}]}' },
  ],
]

const programs: readonly Row[] = [
  [
    'code that lists a Noun that is hidden',
    'sales',
    'POST',
    '/~acme/do',
    [200, 404],
    code('async ($) => { try { return await $.Contact.find() } catch (error) { return error.code } }'),
  ],
  [
    'code that reads a hidden entity',
    'sales',
    'POST',
    '/~acme/do',
    [200, 404],
    code("async ($) => { try { return await $.Deal.get('$hidden') } catch (error) { return error.code } }"),
  ],
  [
    'code that writes a hidden entity',
    'sales',
    'POST',
    '/~acme/do',
    [200, 404],
    code("async ($) => $.Deal.update('$hidden', { name: 'x' })"),
  ],
  [
    'code that asks for another address',
    'sales',
    'POST',
    '/~acme/do',
    [200, 400, 422, 500],
    code("async () => { try { return (await fetch('http://127.0.0.1/')).status } catch (error) { return 'closed' } }"),
  ],
  [
    'code that asks for the server itself',
    'globex',
    'POST',
    '/~globex/do',
    [200, 400, 422, 500],
    code(
      "async () => { try { return await (await fetch('http://localhost/~acme/Contact')).text() } catch (error) { return 'closed' } }",
    ),
  ],
  [
    'code that loads a module of the platform',
    'globex',
    'POST',
    '/~globex/do',
    [200, 400, 422, 500],
    code("async () => { try { return Object.keys(await import('node:fs')) } catch (error) { return 'closed' } }"),
  ],
  [
    'code that looks for the environment',
    'globex',
    'POST',
    '/~globex/do',
    [200, 400, 422, 500],
    code(
      '() => [typeof process, typeof env, typeof caches, Object.keys(globalThis).filter((name) => /env|secret|TENANTS/i.test(name))]',
    ),
  ],
  [
    'code that names another tenant',
    'globex',
    'POST',
    '/~globex/do',
    [200, 400, 404, 422, 500],
    code("async ($) => { try { return await $.tenant('acme').Contact.find() } catch (error) { return 'closed' } }"),
  ],
  [
    'code that leaves something for the next code',
    'globex',
    'POST',
    '/~globex/do',
    [200, 400, 422, 500],
    code('() => { globalThis.left = "x"; Object.prototype.left = "x"; return typeof left }'),
  ],
  [
    'code of a viewer that writes',
    'viewer',
    'POST',
    '/~acme/do',
    refused,
    code("async ($) => $.Contact.create({ name: 'x' })"),
  ],
  [
    'code as a constructor of functions',
    'globex',
    'POST',
    '/~globex/do',
    [200, 400, 422, 500],
    code("() => { try { return Function('return typeof process')() } catch (error) { return 'closed' } }"),
  ],
]

const agents: readonly Row[] = [
  ['an agent that fetches a hidden entity', 'sales', 'POST', '/~acme/mcp', 200, tool('fetch', { id: '$hidden' })],
  [
    'an agent that fetches an entity of a Noun that is hidden',
    'sales',
    'POST',
    '/~acme/mcp',
    200,
    tool('fetch', { id: '$contact' }),
  ],
  [
    'an agent that searches for a hidden word',
    'sales',
    'POST',
    '/~acme/mcp',
    200,
    tool('search', { type: 'deals', text: 'topazm' }),
  ],
  [
    'an agent that searches a Noun that is hidden',
    'sales',
    'POST',
    '/~acme/mcp',
    200,
    tool('search', { type: 'contacts' }),
  ],
  [
    'an agent that searches by a hidden field',
    'sales',
    'POST',
    '/~acme/mcp',
    200,
    tool('search', { type: 'deals', filter: { value: { $gt: 1 } } }),
  ],
  [
    'an agent that does what its key may not',
    'viewer',
    'POST',
    '/~acme/mcp',
    200,
    tool('do', { code: "return await $.Contact.create({ name: 'x' })" }),
  ],
  [
    'an agent that does something to a hidden entity',
    'sales',
    'POST',
    '/~acme/mcp',
    200,
    tool('do', { code: "return await $.Deal.update('$hidden', { name: 'x' })" }),
  ],
  ['an agent with a key that was revoked', 'revoked', 'POST', '/~acme/mcp', 401, tool('search', { type: 'contacts' })],
  [
    'an agent with the key of another tenant',
    'globex',
    'POST',
    '/~acme/mcp',
    401,
    tool('search', { type: 'contacts' }),
  ],
  [
    'an agent that reads a resource that is hidden',
    'sales',
    'POST',
    '/~acme/mcp',
    200,
    {
      body: { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'headlessly://schema/Contact' } },
      headers: { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25' },
    },
  ],
  [
    'an agent that reads a file as a resource',
    'sales',
    'POST',
    '/~acme/mcp',
    200,
    {
      body: { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'file:///etc/passwd' } },
      headers: { accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2025-11-25' },
    },
  ],
]

export const sessionAttacks: readonly BorderAttack[] = [
  ...attacksOf('RPC', messages),
  ...attacksOf('code next to the data', programs),
  ...attacksOf('agents', agents),
]
