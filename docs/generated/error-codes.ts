// The table of error codes. A code without an entry here does not compile.

import { type HeadlesslyErrorCode } from '@headlessly/sdk'
import { type ObjectErrorCode, objectErrorCodes } from 'digital-objects'
import { problemOf } from '../../packages/objects.do/src/answers/problem.ts'
import { markdownTable } from './markdown-table.ts'

interface About {
  readonly means: string
  readonly remedy: string
}

const about: Readonly<Record<ObjectErrorCode, About>> = {
  invalid_json: {
    means: 'The body is not JSON, or not UTF-8.',
    remedy: 'Send valid JSON in UTF-8.',
  },
  invalid_body: {
    means: 'The body is JSON of another form than the request expects, or it did not arrive whole.',
    remedy: 'Send the form that the message names, usually an object of fields.',
  },
  invalid_filter: {
    means: 'The filter names an unknown field or operator, or a value of the wrong type.',
    remedy: 'Correct the field that `field` names. [Filters](rest.md#filters) lists the operators.',
  },
  invalid_sort: {
    means: '`sort` names a field that does not exist or has no order, such as a list or `json`.',
    remedy: 'Sort by at most four stored fields, with `-` for descending order.',
  },
  invalid_cursor: {
    means: 'The cursor belongs to another list: another filter, sort, tenant or authority.',
    remedy: 'Repeat the request that returned the cursor, with only the cursor added; or start again without one.',
  },
  invalid_limit: {
    means: '`limit` is outside of its range.',
    remedy: 'Use a number in the range that the message states, and page with `cursor`.',
  },
  invalid_id: {
    means: 'The id is missing, malformed or of another entity type.',
    remedy: 'Send the `$id` of an entity of this type.',
  },
  invalid_include: {
    means: '`include` names no relation, or what it includes is too large.',
    remedy: 'Name relations of the entity type; for large lists, `find` the other type by its reference.',
  },
  invalid_fields: {
    means: '`fields` names a field that does not exist.',
    remedy: 'Correct the name; the message suggests the nearest one.',
  },
  invalid_as_of: {
    means: '`asOf` is no timestamp with an offset, or lies in the future.',
    remedy: 'Send a past time such as `2026-01-15T10:00:00Z`.',
  },
  before_history: {
    means:
      "`asOf` is before the tenant's first event, so nothing is known of that time. The member `began` is the time of that event, or null if there is none.",
    remedy: 'Read a time since then, or [load the history](history.md#load-a-history) of a tenant without entities.',
  },
  invalid_aggregate: {
    means:
      'A group, a value, the zone, the order or the limit of an aggregate cannot be parsed or computed; `field` is the parameter.',
    remedy: 'Correct what the message names; [aggregates](aggregates.md) shows the forms.',
  },
  invalid_parameter: {
    means: 'A query parameter or header is unknown, occurs twice, or has an invalid value.',
    remedy: 'Correct the parameter that `field` names. For `page`, `offset`, `q` and others the message names ours.',
  },
  invalid_tenant: {
    means: 'The name in the path cannot be a tenant.',
    remedy: 'Use 2 to 64 lower-case letters, digits and hyphens; not `undefined`, `null`, `nan`, `true` or `false`.',
  },
  invalid_definition: {
    means: 'The definition of an entity type is invalid.',
    remedy: 'Correct the member that `field` names. [Nouns](nouns.md) describes the form.',
  },
  invalid_authority: {
    means: 'An authority is malformed or names unknown entity types or fields.',
    remedy: 'Authorities are made by the front door of the server, so this is an error of a deployment with its own.',
  },
  unknown_verb: {
    means: 'The entity type has no such verb.',
    remedy: 'Use a verb of the type; the message suggests the nearest one.',
  },
  unauthorized: {
    means:
      'The key that was sent proves nobody here: it does not exist, was revoked, has expired or is of another tenant.',
    remedy:
      'Send a valid key of this tenant, or on a server of this machine none. [Keys](access.md#keys) says how to make one.',
  },
  forbidden: {
    means: 'The host name or the origin of the page is not allowed, or the caller has no right to this.',
    remedy: 'Use `localhost`, or add the host to [`ALLOWED_HOSTS`](settings.md#environment-variables).',
  },
  approval_required: {
    means: 'A rule demands the consent of a person. Nothing was changed.',
    remedy:
      'Wait until a person approves the member `approval`: `GET /approvals/{id}` shows its state, and the commit that was made. Without that member, make the request smaller, or wait for earlier ones.',
  },
  not_found: {
    means: 'The entity, entity type, event, tenant or path does not exist.',
    remedy:
      'Check the id and the path. After a deletion, `history` and `asOf` still show the entity; the member `mergedInto` names the entity into which it was merged.',
  },
  verb_disabled: {
    means: 'The entity type has no `create`, `update` or `delete`.',
    remedy: 'Use another verb; `Allow` lists the methods of the path.',
  },
  method_not_allowed: {
    means: 'The path exists, and does not have this method.',
    remedy: 'Use a method from the header `Allow`.',
  },
  conflict: {
    means:
      'A unique value is taken, an entity is referred to by one whose rule restricts its deletion, a definition is in use, or a test clock is not possible here.',
    remedy:
      'Use another value; the member `existingId` names the entity that has it. Change or delete the entities in the member `ids` before the one they refer to. For definitions, see [what is in use stays](own-nouns.md#what-is-in-use-stays).',
  },
  version_conflict: {
    means:
      'The entity has another `$version` than `ifVersion` expects. Over HTTP headers this is `precondition_failed`.',
    remedy: 'Read the entity again, apply your change to it, and retry with its version, the member `currentVersion`.',
  },
  read_conflict: {
    means:
      'Other commits changed data that this one had read, in each of several attempts; nothing was changed. The members `read` and `commit` name the data and the last such commit.',
    remedy: 'Retry. If it happens often, read less, or divide the work.',
  },
  precondition_failed: {
    means: 'The entity does not fit `If-Match` or `If-None-Match`.',
    remedy: 'Read the entity again, apply your change to it, and retry with its new `ETag`.',
  },
  invalid_transition: {
    means: 'The state of the entity does not allow this change, as its table of transitions says.',
    remedy: 'Perform one of the verbs that the message names as possible.',
  },
  plan_outdated: {
    means: 'The plan cannot be executed as its dry run promised, because something it read or wrote has changed.',
    remedy:
      'Look at the member `dryRun`, which is the dry run of now, and execute its plan, or give up. The plan of a function has none: try it again.',
  },
  bookmark_ahead: {
    means:
      'The bookmark, or `after`, is beyond the end of the log: the tenant was replaced, for example by an old backup.',
    remedy: 'Drop the bookmark (`forgetBookmark()` in the client), and read everything again that you keep.',
  },
  payload_too_large: {
    means: 'A URL, body, entity, message, function or result exceeds its [limit](limits.md).',
    remedy: 'Send less. Put large files elsewhere, and store their URL.',
  },
  unsupported_media_type: {
    means: 'The body is not uncompressed `application/json` in UTF-8.',
    remedy: 'Send `Content-Type: application/json`.',
  },
  validation_error: {
    means: 'A field is unknown, missing, of the wrong type or out of range.',
    remedy: '`errors` lists every fault with its field; correct all of them.',
  },
  invalid_reference: {
    means: 'A reference names an entity that does not exist, or a call refers to a result that has no such value.',
    remedy: 'Create the referenced entity first, or correct the id.',
  },
  hook_rejected: {
    means: 'Code of a service refused the change before its commit. No service that ships does this.',
    remedy: 'The message is the reason that the service gives.',
  },
  undo_conflict: {
    means:
      'Something changed what the undone commit changed since, or refers to an entity that the undo would delete. `conflicts` lists each: the entity, the field, its value then and now, and the later commit.',
    remedy: 'Undo the later commits first, or set the fields yourself.',
  },
  undo_irreversible: {
    means:
      'The commit made a transition that its entity type marks as irreversible, or a handler has delivered an event of it to the world outside. `transitions` and `deliveries` list each with its entity.',
    remedy: 'Correct it by a new change, such as a refund or a credit note.',
  },
  idempotency_mismatch: {
    means: 'The `Idempotency-Key` was used for a request with another content.',
    remedy: 'Use a new key for a new request, and the same key only to repeat one.',
  },
  unsupported_expression: {
    means: 'The server cannot evaluate a callback of `map`, `filter` and the like as JavaScript would.',
    remedy: 'Simplify the callback, or run the code with `$.do`.',
  },
  code_failed: {
    means: 'The function of `do` threw an error, does not compile, kept the processor, or used too much memory.',
    remedy:
      'Correct the code. Code that kept the processor or used too much memory is refused for five minutes; the member `refusedUntil` says until when.',
  },
  batch_failed: {
    means: 'An operation of an atomic batch failed, so nothing was committed.',
    remedy: 'The member `details` lists each failed operation with its problem; correct them and send the batch again.',
  },
  dependency_failed: {
    means: 'An operation of a batch refers to the result of one that failed.',
    remedy: 'Correct the operation that the message names.',
  },
  scan_limit: {
    means: 'The request would examine or return too much: a pattern, a sort, a pipeline, or a read of more than 20 s.',
    remedy: 'Narrow the filter by an indexed field, or set a smaller `limit`.',
  },
  budget_exceeded: {
    means: 'The agent has used what it may use in a day: writes, tokens or cost.',
    remedy: 'Wait until `resetsAt`, or have somebody with full authority raise the budget of the agent.',
  },
  rate_limited: {
    means: 'The key, or all keys of the tenant together, have made too many requests in the last minute.',
    remedy: 'Retry after `Retry-After` seconds. The client does so by itself.',
  },
  overloaded: {
    means: 'The server has too much to do for this tenant or in total, or a full-text index is not up to date yet.',
    remedy: 'Retry after `Retry-After` seconds. The client does so by itself.',
  },
  storage_full: {
    means: 'The disk of the server is full. Nothing was written; reads continue.',
    remedy:
      'Free space on the disk; writes then continue by themselves. [Full disk](operations.md#full-disk) says more.',
  },
  database_lost: {
    means:
      'The database of the tenant is missing, although its files in the lake are there. Nothing is written over them.',
    remedy: 'Stop the server and [restore](operations.md#backup) the folders `objects` and `lake` from one backup.',
  },
  database_damaged: {
    means: 'SQLite reports that the database of the tenant is damaged.',
    remedy: 'Stop the server and [restore](operations.md#backup) the folders `objects` and `lake` from one backup.',
  },
  not_configured: {
    means: 'The server lacks a binding that this needs: files of the lake, or a loader for `do`.',
    remedy: 'Add the binding that the message names; [settings](settings.md#bindings-on-cloudflare) lists them.',
  },
  not_connected: {
    means:
      'The verb needs a service outside of the tenant, such as mail, to which this server has no connection. Nothing was changed.',
    remedy:
      'Do it elsewhere and record it, if the verb takes it: the member `connection` names what is missing, and [entities](entities.md) says what each verb takes.',
  },
  timeout: {
    means:
      'The body took more than 10 s to arrive, or the function of `do` took more than 10 s, or 5 s besides the time of its calls if it is atomic.',
    remedy: 'Retry; split long functions. Writes of a function stay only with `atomic: false`.',
  },
  internal_error: {
    means: 'An error of the server.',
    remedy: 'The terminal of the server shows it with its `requestId`. Please report it.',
  },
}

type ClientCode = Exclude<HeadlesslyErrorCode, ObjectErrorCode>

const aboutClient: Readonly<Record<ClientCode, About>> = {
  network_error: {
    means: 'No answer came: no server, a lost connection, or a timeout.',
    remedy: 'Check that the server runs and that `endpoint` is right. The client has retried already.',
  },
  unexpected_answer: {
    means: 'The answer is not from headless.ly, but from a proxy or another program.',
    remedy: 'Check `endpoint`, and the proxy in between.',
  },
  invalid_settings: {
    means: 'An option of the client, or a setting of the command line, is wrong or missing.',
    remedy: 'Correct the option that `field` names.',
  },
}

/** Codes of the server, by status. */
export function errorCodes(): string {
  const rows = objectErrorCodes.map((code) => {
    const { status, title } = problemOf({ code, message: '' })
    const { means, remedy } = about[code]
    return { status, cells: [`\`${code}\``, `${status} ${String(title)}`, means, remedy] }
  })
  const sorted = rows.toSorted((a, b) => a.status - b.status)
  return markdownTable(
    ['code', 'status', 'means', 'what to do'],
    sorted.map(({ cells }) => cells),
  )
}

export function clientErrorCodes(): string {
  const rows = Object.entries(aboutClient).map(([code, { means, remedy }]) => [`\`${code}\``, means, remedy])
  return markdownTable(['code', 'means', 'what to do'], rows)
}
