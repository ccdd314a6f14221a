// The tables of the client's options. An option without a sentence here does not compile.

import type { FindOptions, HeadlesslyOptions, ManyOptions, WriteOptions } from '@headlessly/sdk'
import { markdownTable } from './markdown-table.ts'

interface About {
  /** The default, or the calls that take it. */
  readonly second?: string
  readonly is: string
}

const ofClients: Readonly<Record<keyof HeadlesslyOptions | 'nouns', About>> = {
  tenant: { is: "the tenant's name, 2 to 64 lower-case letters, digits and hyphens; required" },
  endpoint: { second: '`http://localhost:8787`', is: 'the address of the server' },
  timeoutMs: { second: '30,000', is: 'the longest wait for one answer' },
  nouns: {
    is: "the tenant's [own entity types](own-nouns.md#from-code-and-the-command-line), which the client is then typed by",
  },
  bookmark: { is: 'the bookmark of another client, whose writes this one is to see' },
  connection: {
    is: '`http`: one request per tick; `websocket`: one connection while calls are made. By default HTTP, and a WebSocket while calls follow each other closely',
  },
  liveConnection: {
    second: '`http`',
    is: 'how live events travel: as server-sent events, or over a `websocket`, which browsers do not count among the six connections that all pages share',
  },
  apiKey: {
    is: 'a [key](access.md) to send as `Authorization: Bearer …`, or the token of a proxy. Calls then travel over HTTP',
  },
  fetch: { second: "the platform's", is: 'a `fetch` of your own' },
  via: { second: '`sdk`', is: 'the interface that events name as their origin: `sdk` or `cli`' },
  transport: { is: 'replaces the connection, for tests' },
}

type ReadOptionName = keyof FindOptions<'Contact', never, never>
type WriteOptionName = keyof WriteOptions | keyof ManyOptions

const ofReads: Readonly<Record<Exclude<ReadOptionName, 'signal'>, About>> = {
  strong: { second: 'reads', is: 'reads the latest committed state; see [what a read returns](reading.md)' },
  asOf: { second: 'reads', is: 'reads the state of a past time, a timestamp or a `Date`' },
  include: {
    second: '`get`, `find`, `findOne`',
    is: 'relations to return as entities, or paths of up to three: `deals.contact`',
  },
  fields: { second: '`get`, `find`, `findOne`', is: 'the fields to return' },
  sort: { second: '`find`, `findOne`', is: "the order: `'-value'`, or `{ value: -1 }`; newest first by default" },
  limit: { second: '`find`', is: 'the most rows: 50 by default, at most 1,000' },
  count: {
    second: '`find`',
    is: "`'exact'` counts all matches for `total`, which is null otherwise unless it is free",
  },
  cursor: { second: '`find`', is: 'continues after an earlier page' },
}

const ofWrites: Readonly<Record<WriteOptionName, About>> = {
  ifVersion: { second: 'writes', is: 'the `$version` that the entity must have (optimistic locking)' },
  at: {
    second: 'writes, `batch`, `do`, `commits.undo`',
    is: 'the time at which it [happened](history.md), if that is earlier: a timestamp or a `Date`',
  },
  force: {
    second: 'writes of one entity',
    is: 'the reason for which an administrator [forces](nouns.md#strict-or-not) the write past transitions and frozen fields; the event records it',
  },
  idempotencyKey: {
    second: 'writes, `do`',
    is: 'repeating the call with the same key does it once; each write has a key of its own otherwise',
  },
  dryRun: {
    second: 'writes, `batch`, `commits.undo`',
    is: '`true` returns what the write would do, and changes nothing',
  },
  signal: { second: 'all', is: 'an `AbortSignal` that ends the call; a write that was already sent may take effect' },
}

export function clientOptions(): string {
  return optionTable(['option', 'default', 'is'], ofClients)
}

export function callOptions(): string {
  return optionTable(['option', 'of', 'is'], { ...ofReads, ...ofWrites })
}

function optionTable(heads: readonly string[], options: Readonly<Record<string, About>>): string {
  const rows = Object.entries(options).map(([name, { second = '', is }]) => [`\`${name}\``, second, is])
  return markdownTable(heads, rows)
}
