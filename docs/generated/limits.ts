// The tables of limits. Each number is read from the source file that applies it.

import { type Limit, limit, limitTable } from './limit-table.ts'
import { outside } from './outside-limits.ts'

const filters = 'packages/digital-objects/src/filter'
const aggregates = 'packages/digital-objects/src/aggregate'
const wire = 'packages/digital-objects/src/wire'
const state = 'packages/@dotdo/do/src/state'
const sandbox = 'packages/functions.do/src/sandbox'
const programs = 'packages/objects.do/src/programs/programs.ts'
const worker = 'apps/headless.ly/src'
const client = 'packages/@headlessly/sdk/src'

const refused = (code: string): string => `refused with \`${code}\``

const requests: readonly Limit[] = [
  limit('a URL', [`${worker}/base/target.ts`, 'urlCharactersMax'], 'characters', refused('payload_too_large')),
  limit('query parameters', [`${wire}/parse-query.ts`, 'parametersMax'], '', refused('invalid_parameter')),
  limit('a body', [`${worker}/base/request-body.ts`, 'bodyBytesMax'], 'bytes', refused('payload_too_large')),
  limit(
    'a line of a history',
    [`${worker}/base/body-lines.ts`, 'lineCharactersMax'],
    'characters',
    refused('payload_too_large'),
  ),
  limit('the time for a body to arrive', [`${worker}/base/request-body.ts`, 'bodyTimeoutMs'], 'ms', refused('timeout')),
  limit(
    'operations of a batch',
    ['packages/objects.do/src/batch/parse-batch.ts', 'operationsMax'],
    '',
    refused('invalid_body'),
  ),
  limit(
    'the results of a batch',
    ['packages/objects.do/src/answers/answer-room.ts', 'answerCharactersMax'],
    'characters',
    refused('payload_too_large'),
  ),
  limit(
    'jobs of a tenant that run',
    ['packages/@dotdo/do/src/requests/bulk-job-store.ts', 'openJobsMax'],
    '',
    refused('overloaded'),
  ),
  limit(
    'the life of a plan',
    ['packages/@dotdo/do/src/requests/plan-store.ts', 'planMsMax'],
    'ms',
    refused('not_found'),
  ),
  limit(
    'plans of a tenant',
    ['packages/@dotdo/do/src/requests/plan-store.ts', 'plansMax'],
    '',
    'the oldest are dropped',
  ),
  limit(
    'all plans of a tenant',
    ['packages/@dotdo/do/src/requests/plan-store.ts', 'plansBytesMax'],
    'bytes',
    'the oldest are dropped',
  ),
  limit(
    'requests of a caller that wait for approval',
    ['packages/@dotdo/do/src/requests/approval-store.ts', 'pendingMax'],
    '',
    refused('approval_required'),
  ),
  limit(
    'time for which a request waits for approval',
    ['packages/@dotdo/do/src/requests/approval-store.ts', 'approvalMsMax'],
    'ms',
    'it expires',
  ),
  limit(
    'bodies in progress of a tenant',
    [`${worker}/base/body-room.ts`, 'tenantBytesMax'],
    'bytes',
    refused('overloaded'),
  ),
  limit('bodies in progress in total', [`${worker}/base/body-room.ts`, 'bytesMax'], 'bytes', refused('overloaded')),
  limit(
    'an idempotency key',
    [`${wire}/idempotency-key.ts`, 'keyCharactersMax'],
    'characters',
    refused('invalid_parameter'),
  ),
  limit(
    'the life of an idempotency key',
    ['packages/@dotdo/do/src/write/idempotency.ts', 'keptSeconds'],
    's',
    'the same key is a new request',
  ),
  limit(
    'writes that wait in a tenant',
    ['packages/@dotdo/do/src/write/write-lane.ts', 'waitingMax'],
    '',
    refused('overloaded'),
  ),
  limit(
    'the wait of a read for its turn',
    ['packages/@dotdo/do/src/turns/thread-turns.ts', 'waitMsMax'],
    'ms',
    refused('overloaded'),
  ),
  limit(
    'reads that wait in a tenant',
    ['packages/@dotdo/do/src/turns/thread-turns.ts', 'waitingMax'],
    '',
    refused('overloaded'),
  ),
  limit(
    'reads that wait in total',
    ['packages/@dotdo/do/src/turns/thread-turns.ts', 'waitingInTotalMax'],
    '',
    refused('overloaded'),
  ),
  limit(
    'entities of an erasure',
    ['packages/@dotdo/do/src/erasure/erasure-store.ts', 'erasedMax'],
    '',
    refused('payload_too_large'),
  ),
  limit(
    'secrets of a tenant',
    ['packages/@dotdo/do/src/secrets/secret-store.ts', 'secretsMax'],
    '',
    refused('payload_too_large'),
  ),
  limit(
    'entries of the audit log, which are kept for 90 days',
    ['packages/@dotdo/do/src/identity/audit-log.ts', 'auditRowsMax'],
    '',
    'the oldest are deleted',
  ),
  limit(
    'an answer to an agent',
    [`${worker}/mcp/tool-answer.ts`, 'answerCharactersMax'],
    'characters',
    'a page is smaller, and long texts are cut',
  ),
]

const entities: readonly Limit[] = [
  limit(
    'an entity as JSON',
    ['packages/@dotdo/do/src/write/perform-change.ts', 'entityCharactersMax'],
    'characters',
    refused('payload_too_large'),
  ),
  limit(
    'changes of a commit, effects included',
    ['packages/digital-objects/src/effects/following-change.ts', 'commitChangesMax'],
    '',
    refused('payload_too_large'),
  ),
  limit(
    'levels of effects of effects',
    ['packages/digital-objects/src/effects/following-change.ts', 'effectLevelsMax'],
    '',
    refused('payload_too_large'),
  ),
  limit(
    'events of a commit',
    ['packages/@dotdo/do/src/write/commit.ts', 'commitCharactersMax'],
    'characters',
    refused('payload_too_large'),
  ),
  limit(
    'values of a list field',
    ['packages/digital-objects/src/noun/validate-value.ts', 'listItemsMax'],
    '',
    refused('validation_error'),
  ),
  limit(
    'levels of a `json` field',
    ['packages/digital-objects/src/noun/validate-value.ts', 'jsonDepthMax'],
    '',
    refused('validation_error'),
  ),
  limit(
    'stored fields of a Noun',
    ['packages/digital-objects/src/noun/make-schema.ts', 'storedFieldsMax'],
    '',
    refused('invalid_definition'),
  ),
  limit(
    "a tenant's own Nouns",
    ['packages/objects.do/src/writes/check-redefinition.ts', 'ownNounsMax'],
    '',
    refused('invalid_definition'),
  ),
  limit(
    'a definition',
    ['packages/objects.do/src/writes/check-redefinition.ts', 'definitionCharactersMax'],
    'characters',
    refused('invalid_definition'),
  ),
  limit(
    'all definitions of a tenant',
    ['packages/objects.do/src/writes/check-redefinition.ts', 'definitionsCharactersMax'],
    'characters',
    refused('invalid_definition'),
  ),
]

const reads: readonly Limit[] = [
  limit('groups of an aggregate', [`${aggregates}/aggregate.ts`, 'groupsMax'], '', refused('scan_limit')),
  limit(
    'different values for `distinct` and `median`',
    [`${aggregates}/groups.ts`, 'valuesMax'],
    '',
    refused('scan_limit'),
  ),
  limit('conditions of a filter', [`${filters}/parse-filter.ts`, 'leavesMax'], '', refused('invalid_filter')),
  limit('levels of a filter', [`${filters}/parse-filter.ts`, 'depthMax'], '', refused('invalid_filter')),
  limit('values of `$in` and `$nin`', [`${filters}/parse-filter.ts`, 'listMax'], '', refused('invalid_filter')),
  limit(
    'different values of a filter in one statement',
    [`${state}/find-plan.ts`, 'parametersMax'],
    '',
    refused('invalid_filter'),
  ),
  limit(
    'a pattern of `$regex`',
    [`${filters}/parse-filter.ts`, 'patternCharactersMax'],
    'characters',
    refused('invalid_filter'),
  ),
  limit('parts of a path', [`${filters}/parse-path.ts`, 'segmentsMax'], '', refused('invalid_filter')),
  limit('fields of a sort', [`${filters}/parse-sort.ts`, 'termsMax'], '', refused('invalid_sort')),
  limit(
    'the JSON of a page',
    [`${state}/list-cursor.ts`, 'pageCharactersMax'],
    'characters',
    'the page ends earlier; `cursor` continues',
  ),
  limit(
    'entities of an included list',
    ['packages/objects.do/src/entities/includes.ts', 'includedMax'],
    '',
    'the list is cut, and `$more` names it',
  ),
  limit(
    'relations of a path of `include`',
    ['packages/objects.do/src/entities/parse-includes.ts', 'depthMax'],
    '',
    refused('invalid_include'),
  ),
  limit(
    'entities in the nested lists of an entity',
    ['packages/objects.do/src/entities/includes.ts', 'nestedMax'],
    '',
    'the list is cut, and `$more` names it',
  ),
  limit(
    'nested entities of a page',
    ['packages/objects.do/src/entities/read-body.ts', 'nestedOfPageMax'],
    '',
    'the page ends earlier; `cursor` continues',
  ),
  limit(
    'an included list',
    ['packages/objects.do/src/entities/includes.ts', 'listCharactersMax'],
    'characters',
    'the list is cut, and `$more` names it',
  ),
  limit(
    'all included lists of an entity',
    ['packages/objects.do/src/entities/includes.ts', 'listsCharactersMax'],
    'characters',
    'lists are cut, and `$more` names them',
  ),
  limit(
    'all included single references of an entity',
    ['packages/objects.do/src/entities/includes.ts', 'referencesCharactersMax'],
    'characters',
    refused('invalid_include'),
  ),
  limit(
    'events between two versions in `diff`',
    ['packages/objects.do/src/reads/diff.ts', 'eventsMax'],
    '',
    'further events are left out',
  ),
  limit('reads in slices that wait in a tenant', [`${state}/sliced-reads.ts`, 'waitingMax'], '', refused('overloaded')),
  limit('matches of a search that are ranked', [`${state}/text-scan.ts`, 'rankedMax'], '', 'the newest come first'),
  limit(
    'entities that a pipeline processes',
    ['packages/objects.do/src/pipeline/answer-pipeline.ts', 'rowsMax'],
    '',
    refused('scan_limit'),
  ),
]

const code: readonly Limit[] = [
  limit('the source of a function', [`${sandbox}/sandbox.ts`, 'codeBytesMax'], 'bytes', refused('payload_too_large')),
  limit(
    'its time from its first call, besides that in which its calls are answered',
    [programs, 'programMsMax'],
    'ms',
    'nothing is written; `timeout`',
  ),
  limit('its time with `atomic: false`', [`${sandbox}/sandbox.ts`, 'runMsMax'], 'ms', 'ended with `timeout`'),
  limit(
    'its time on the processor without a pause',
    [`${sandbox}/sandbox.ts`, 'busyMsMax'],
    'ms',
    'ended with `code_failed`',
  ),
  limit('its calls', [`${sandbox}/sandbox.ts`, 'callsPerRunMax'], '', 'further calls fail'),
  limit('its result as JSON', [`${sandbox}/sandbox.ts`, 'resultBytesMax'], 'bytes', refused('payload_too_large')),
  limit('lines that it prints', [`${sandbox}/sandbox.ts`, 'logLinesMax'], '', 'further lines are dropped'),
  limit('a line that it prints', [`${sandbox}/sandbox.ts`, 'logCharactersMax'], 'characters', 'the line is cut'),
  limit('functions of a tenant at a time', [`${sandbox}/run-queue.ts`, 'runsPerTenantMax'], '', 'further ones wait'),
  limit(
    'functions of a tenant that wait',
    [`${sandbox}/run-queue.ts`, 'waitingPerTenantMax'],
    '',
    refused('overloaded'),
  ),
  limit(
    'functions of a tenant between their first call and their commit',
    [programs, 'programsMax'],
    '',
    refused('overloaded'),
  ),
  limit('functions that wait in total', [`${sandbox}/run-queue.ts`, 'waitingMax'], '', refused('overloaded')),
]

const clients: readonly Limit[] = [
  limit(
    'the time for an answer, by default',
    [`${client}/wire/settings.ts`, 'defaultTimeoutMs'],
    'ms',
    '`network_error`',
  ),
  limit('attempts of a call', [`${client}/calls/session.ts`, 'attemptsMax'], '', 'the last error is thrown'),
  limit(
    'attempts before the first answer of a server',
    [`${client}/calls/session.ts`, 'firstContactAttemptsMax'],
    '',
    'the last error is thrown',
  ),
  limit(
    'the pause that a server may ask for',
    [`${client}/calls/session.ts`, 'pauseMsMax'],
    'ms',
    'the call fails at once',
  ),
  limit('calls of a message', [`${wire}/call.ts`, 'callsMax'], '', 'the client sends several messages'),
  limit(
    'messages in flight',
    [`${client}/calls/call-queue.ts`, 'inFlightMax'],
    '',
    'further calls share the next messages',
  ),
  limit('`limit` of a list', [`${client}/calls/listing.ts`, 'limitMax'], '', refused('invalid_limit')),
  limit(
    'entities of `createMany`, `updateMany` and `deleteMany`',
    [`${client}/entities/many-writer.ts`, 'manyMax'],
    '',
    refused('invalid_limit'),
  ),
  limit(
    'the source of a callback',
    [`${client}/pipeline/source-tokens.ts`, 'sourceCharactersMax'],
    'characters',
    refused('unsupported_expression'),
  ),
  limit('steps of a pipeline', [`${wire}/pipeline.ts`, 'pipelineStepsMax'], '', refused('unsupported_expression')),
]

export const limitSections = {
  'limits-of-requests': () => limitTable(requests),
  'limits-of-entities': () => limitTable(entities),
  'limits-of-reads': () => limitTable(reads),
  'limits-of-code': () => limitTable(code),
  'limits-of-the-client': () => limitTable(clients),
  'limits-of-outside': () => limitTable(outside),
} as const
