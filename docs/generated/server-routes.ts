// The table of the front door's own routes, which are no operations of a tenant. A route without a sentence here is an error.

import { makeServerRoutes } from '../../apps/headless.ly/src/app.ts'
import { ownRoutes } from '../../apps/headless.ly/src/routes/own-routes.ts'
import { oauthEndpoints } from '../../apps/headless.ly/src/routes/oauth.ts'
import { services } from '../../apps/headless.ly/src/base/services.ts'
import { markdownTable } from './markdown-table.ts'

const about: Readonly<Record<string, string>> = {
  'GET /': 'The server at a glance: tenants with counts, and addresses to begin with. A page for browsers.',
  'GET /:context': 'Describes a [context](contexts.md), such as `/ehr`: its entity types in their order, with labels.',
  'GET /llms.txt': 'The server described to language models, in the form of llmstxt.org.',
  'GET /llms-full.txt': 'All documentation as one text.',
  'GET /docs': 'The index of the documentation: HTML for browsers, else Markdown.',
  'GET /docs/:name': 'A page of the documentation, such as `/docs/rest`; `/docs/rest.md` is always Markdown.',
  'GET /console': 'The page of [the console](console.md), at every path below too.',
  'GET /console/*': 'The page of the console, which reads tenant, type and id from the path.',
  'GET /console/assets/:name': 'Scripts and styles of the console, under names that change with their content.',
  'GET /console/assets/*': 'Nothing: a file that is not there is never the page.',
  'GET /health': 'Says whether the server is ready, and whether its disk is full. It is never queued.',
  'GET /sign-in': 'The page on which people sign in.',
  'GET /sign-in/state': 'Says whether the server has an owner: `{"isClaimed":true}`.',
  'GET /sign-in/claim': 'The page of the link that makes the first owner.',
  'POST /sign-in/claim': 'Makes the first owner: `code`, `name`, `email`. Each link works once.',
  'GET /sign-in/recover': 'The page of a link that signs a person in again.',
  'POST /sign-in/recover': 'Signs a person in by such a link, and ends their other sessions: `code`.',
  'GET /sign-in/invitation': 'The page of an invitation.',
  'POST /sign-in/invitation': 'Accepts an invitation: `code`, and the `name` of a person without an account.',
  'POST /sign-in/lost': 'Mails a link that signs in again: `email`. The answer is the same for every address.',
  'GET /sign-in/trial': 'The page of a link that claims a trial.',
  'POST /sign-in/trial': 'Claims a trial: `code`, and `name` and `email` of a person without an account.',
  'POST /trials': 'Begins a [trial](trials.md) without a first write: the answer has its tenant and its key.',
  'POST /trials/claim': 'Claims a trial for a CI job: `code`, and the `token` of its platform; answers a key, once.',
  'POST /~{tenant}/claim': 'Makes the link that claims this trial, by the key of the trial.',
  'POST /account/recovery': 'Makes a link that signs a person in: `email`. For owners of the server.',
  'POST /~{tenant}/invitations':
    'Invites a person: `email`, `name`, `role`; the answer has the link. Needs full authority.',
  'POST /sign-in/passkey/options': 'Makes a challenge for a passkey, as WebAuthn describes it.',
  'POST /sign-in/passkey': 'Signs in by a passkey: `response`, as JSON.',
  'POST /account/passkeys/options': 'Makes a challenge for a new passkey.',
  'POST /account/passkeys': 'Adds a passkey: `response`, as JSON.',
  'POST /account/passkeys/remove': 'Removes a passkey: `passkey`.',
  'POST /sign-in/provider': 'Begins to sign in with an account of the provider: the answer has its `url`.',
  'POST /account/provider': 'Begins to link an account of the provider.',
  'GET /sign-in/callback': 'Takes the answer of the provider.',
  'POST /account/provider/unlink': 'Unlinks the accounts of the provider.',
  'POST /sign-in/password': 'Signs in by a password: `email`, `password`, and `otp` of a second factor.',
  'POST /account/password': 'Sets the password: `password`, and `current` if there is one.',
  'POST /account/second-factor/begin': 'Makes the secret of an authenticator app.',
  'POST /account/second-factor/confirm': 'Confirms it by a code, `otp`, and answers recovery codes, once.',
  'POST /account/second-factor/end': 'Removes the authenticator app: `otp`, a code of it or a recovery code.',
  'POST /sign-out': 'Ends the session of this browser, in every tenant.',
  'GET /account': 'The signed-in person: account, tenants and sessions. A page for browsers.',
  'GET /account/audit':
    'Lists sign-ins, refusals and changes of accounts of the last 90 days, newest first: `limit`, `cursor`. For owners of the server.',
  'POST /account/sessions/end': 'Ends one of the own sessions: `session`.',
  'POST /account/tenants':
    'Begins a tenant, or joins it, as its owner: `tenant`; with `now`, a new one is a [test tenant](concepts.md#test-clock) whose clock begins then. For owners of the server.',
  'GET /openapi': 'Describes the routes of the server and its tenants as an OpenAPI 3.1 document.',
  'GET /tenants': 'Lists the tenants by name: `limit` (100 by default, at most 1,000), `cursor`.',
  'GET /tenants/:name': "Shows a tenant's size: events, entities, files and their bytes.",
  'DELETE /tenants/:name':
    'Deletes a tenant with everything in it: `dryRun=true` says what that would remove, `confirm={name}` does it.',
  'GET /tenants/:name/archive':
    'Writes a whole tenant as one tar [file](backup.md#archives), without secrets, keys and sessions.',
  'POST /tenants/:name/archive': 'Loads such a file into a tenant that has nothing.',
  'POST /tenants/:name/flush': 'Writes pending changes of a tenant to its files, which a restore needs.',
  'POST /tenants/:name/restore':
    'Restores a tenant whose database is lost from its [lake](backup.md); `from` and `at` copy another tenant as it was.',
  'ALL /lake/*': 'The S3 face of the lake: GET, HEAD and listings, signed with the keys of `/~{tenant}/lake`.',
  'ALL /iceberg/*': 'An Iceberg REST catalog for each tenant, read-only: `/iceberg/{tenant}/v1`.',
  'GET /.well-known/oauth-authorization-server/*':
    'Describes the [authorization server](oauth.md) of the tenant whose path follows: `…/~{tenant}`.',
  'GET /.well-known/oauth-protected-resource/*':
    'Names the authorization server of the tenant whose path follows: `…/~{tenant}` or `…/~{tenant}/mcp`.',
  'POST /~{tenant}/rpc': "A message of calls, as the client sends it; the same path accepts the client's WebSocket.",
  'POST /~{tenant}/mcp': 'The [interface for agents](mcp.md), by the Model Context Protocol.',
  'GET /~{tenant}/lake': 'Shows addresses and keys of the lake, and statements for ClickHouse and DuckDB.',
  'GET /~{tenant}/archive': 'The whole tenant without its secrets as a tar file, for callers with full authority.',
  'GET /~{tenant}/llms.txt': 'The tenant described to language models: entity types, fields, verbs and calls.',
  'POST /~{tenant}/ticket':
    'Exchanges a key for a ticket, with which one WebSocket can be opened within 30 s: `?ticket=hly_ticket_…`.',
  'POST /~{tenant}/oauth/authorize': 'The page on which a person allows or refuses a client of OAuth; GET shows it.',
  'POST /~{tenant}/oauth/token': 'Exchanges a code or a refresh token for tokens.',
  'POST /~{tenant}/oauth/device': 'The page on which a person enters the code of a device; GET shows it.',
  'POST /~{tenant}/oauth/grants':
    'The page on which a person sees what programs may do, and takes it back (`grant`); GET shows it, as JSON for programs.',
  'POST /~{tenant}/oauth/device_authorization': 'Gives a device its codes.',
  'POST /~{tenant}/oauth/register': 'Registers a client of OAuth.',
  'POST /~{tenant}/oauth/revoke': 'Revokes a grant by one of its tokens.',
  'POST /~{tenant}/oauth/introspect': 'Describes a token.',
  'POST /~{tenant}/do':
    'Runs a function next to the data: `{"code":"async ($) => …","given":…,"atomic":true,"dryRun":false}`.',
  'GET /~{tenant}/export/{noun}': 'Writes matching entities as one [file](export.md): JSON, NDJSON, CSV or Parquet.',
  'GET /~{tenant}/import': 'Lists the formats of files, and the programs whose exports are recognized.',
  'POST /~{tenant}/import/{noun}':
    '[Imports](import.md) a file as a job; `dryRun=true` shows the mapping of its columns and changes nothing.',
  'GET /~{tenant}/imports/{job}/refused': 'The rows that an import has refused, as CSV with line and reason.',
  'POST /~{tenant}/bank/statements': 'Stores the movements of a [bank statement](bank.md), each once.',
  'POST /~{tenant}/mail/bounces':
    'Takes the report of a mail server that a [mail](access.md#mail) came back, and sets its message to `Failed`.',
  'GET /~{tenant}/ledger/balances': 'Reads the balances of the accounts of the [ledger](ledger.md).',
  'GET /~{tenant}/ledger/journal': 'Writes the journal as one [file](ledger.md#reading-it), as CSV or for Beancount.',
  'POST /~{tenant}/files': 'Stores the body as a [file](files.md), and answers its asset: `filename`, `attachedTo`.',
  'POST /~{tenant}/files/uploads':
    'Begins an [upload](files.md#uploads) in pieces: `filename`, `size`, fields of its asset.',
  'GET /~{tenant}/files/uploads/{id}': 'Says how much of an upload has arrived.',
  'PUT /~{tenant}/files/uploads/{id}': 'Takes the next bytes of an upload; the last ones answer the asset.',
  'POST /~{tenant}/files/uploads/{id}': 'The same as PUT, for clients that only post.',
  'DELETE /~{tenant}/files/uploads/{id}': 'Removes an upload that is not complete.',
  'GET /~{tenant}/files/{id}': 'Sends the bytes of a file, or a range of them; with `thumbnail`, a small image of it.',
  'POST /~{tenant}/files/{id}/link': 'Signs a [link](files.md#links) by which anybody may read a file: `expiresIn`.',
  'POST /~{tenant}/incoming': 'Sets up an [incoming webhook](events-in.md#webhooks): `name`, `scheme`, `secret`.',
  'PUT /~{tenant}/incoming/{id}/secret': 'Sets the secret of an incoming webhook.',
  'POST /~{tenant}/incoming/{id}': 'Takes a delivery of another system, which its signature proves.',
  'POST /~{tenant}/ingest': 'Records [events of web pages](events-in.md#web-pages) with a public key: `events`.',
  'GET /~{tenant}/webhooks': 'Lists the [webhooks](events-out.md), newest first.',
  'POST /~{tenant}/webhooks': 'Sets up a webhook: `url`, `events`, `filter`, `kind`; the answer has its secret.',
  'GET /~{tenant}/webhooks/{id}': 'Reads a webhook.',
  'PUT /~{tenant}/webhooks/{id}': 'Changes the fields of a webhook that the body names.',
  'DELETE /~{tenant}/webhooks/{id}': 'Removes a webhook and its secrets.',
  'POST /~{tenant}/webhooks/{id}/secret': 'Makes a new secret; for a day the old one signs too.',
  'POST /~{tenant}/webhooks/{id}/replay': 'Sends the events of a range of `seq` again: `from`, `through`.',
  'POST /~{tenant}/webhooks/{id}/deliveries/{event}/redeliver': 'Sends one event again.',
  'POST /~{tenant}/payments/connect': 'Connects the tenant to [Stripe](payments.md): `key`, `webhookSecret`, `sync`.',
  'POST /~{tenant}/payments/disconnect': 'Ends the connection and removes its keys.',
  'GET /~{tenant}/payments/status': 'Says what waits, what runs, and how many findings are open.',
  'POST /~{tenant}/payments/status': 'The same, for clients that send every command by POST.',
  'POST /~{tenant}/payments/sync': 'Brings all objects of Stripe; `kind` is `Sync`, `Rehearsal` or `Gaps`.',
  'POST /~{tenant}/payments/reconcile': 'Compares both sides at the end of a `day`, or now.',
  'POST /~{tenant}/payments/checkout':
    'Makes a link to a page of Stripe on which a `price` is bought: `quantity`, `customer`, `successUrl`, `cancelUrl`.',
  'POST /~{tenant}/payments/portal':
    'Makes a link to a page of Stripe on which a `customer` manages subscriptions: `returnUrl`.',
  'POST /~{tenant}/payments/stripe/webhook': 'Takes the events that Stripe signs and sends; no key is expected.',
  'GET /~{tenant}/semantic':
    'Finds entities by the [meaning of their texts](semantic-search.md): `query`, `type`, `filter`, `limit`, `fields`, `include`.',
  'POST /~{tenant}/semantic': 'The same, with the parameters as JSON.',
  'GET /~{tenant}/semantic/status': 'Says how far the index of vectors is, and what it has used today.',
  'GET /~{tenant}/functions': 'Lists the stored functions.',
  'GET /~{tenant}/functions/{name}': 'Reads a stored function.',
  'PUT /~{tenant}/functions/{name}':
    'Stores a function: `{"source":"(contact) => …","on":"Contact.qualifying"}`. The same source again changes nothing.',
  'DELETE /~{tenant}/functions/{name}': 'Removes a stored function.',
  'POST /~{tenant}/functions/{name}/run': 'Runs a stored function: `{"given":…,"dryRun":false}`.',
  'POST /~{tenant}/functions/{name}/backtest':
    'Runs a stored function over past events and shows what it would have done: `{"since":"2026-01-01T00:00:00Z","limit":20}`.',
  'POST /~{tenant}/hooks':
    'Stores a function before or after a verb: `{"entity":"Contact","verb":"qualify","phase":"before","code":"(contact) => …"}`. The same one again changes nothing.',
  'GET /~{tenant}/hooks': 'Lists the stored functions that run before or after verbs.',
  'DELETE /~{tenant}/hooks/{id}': 'Removes a stored function.',
}

/** The routes of SCIM differ by what they are about only. */
const scimSentences = new Map(
  services.flatMap(({ routes = [] }) =>
    routes
      .filter(({ path }) => path.startsWith('/scim/'))
      .map((route): readonly [string, string] => [
        `${route.method} /~{tenant}${route.path}`,
        route.about.replace('SCIM', '[SCIM](people.md#scim)'),
      ]),
  ),
)

const oauthNames = [...oauthEndpoints].map(([path, { methods }]) => `${methods.at(-1)} /~{tenant}${path}`)

export function serverRoutes(): string {
  const server = makeServerRoutes().routes.filter(({ path, method }) => !(method === 'ALL' && isRefusal(path)))
  const refuse = (): never => {
    throw new Error('no request is answered here')
  }
  const own = [...ownRoutes(services, refuse).all].flatMap(([word, { byMethod }]) =>
    [...byMethod.keys()].map((method) => ({ method, path: `/~{tenant}/${word}` })),
  )
  // GET of `rpc` is the start of a WebSocket.
  const names = [...server, ...own]
    .filter(({ method, path }) => method !== 'HEAD' && !(method === 'GET' && path.endsWith('/rpc')))
    .map(({ method, path }) => `${method} ${path}`)
  const rows = [...new Set([...names, ...oauthNames])].map((name) => {
    const [method = '', path = ''] = name.split(' ')
    const sentence = about[name] ?? scimSentences.get(name)
    if (sentence === undefined) throw new Error(`docs/generated/server-routes.ts has no sentence about '${name}'`)
    return [method === 'ALL' ? '`GET`, …' : `\`${method}\``, `\`${path.replace(':name', '{name}')}\``, sentence]
  })
  return markdownTable(['method', 'path', 'does'], rows)
}

/** A handler of all methods that only refuses those that have no handler. */
function isRefusal(path: string): boolean {
  return Object.keys(about).some((name) => name.endsWith(` ${path}`) && !name.startsWith('ALL '))
}
