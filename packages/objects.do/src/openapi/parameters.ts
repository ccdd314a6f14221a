// Descriptions of query parameters and headers for the OpenAPI document. This file has those that several operations share;
// an operation describes its other parameters beside its parser.

import { idempotencyKeyRule } from 'digital-objects'
import { idempotencyKeySchema, textPattern, timestamp } from './field-schema.ts'
import { fieldsSchema, includeSchema, sortSchema } from './list-parameters.ts'
import type { Parameter } from './parameter.ts'

const string = { type: 'string' } as const
/** Limits a cursor. */
const cursorCharactersMax = 8_192

export const filter: Parameter = {
  component: 'filter',
  about:
    'A condition in JSON, such as {"stage":"Lead","value":{"$gt":1000}}; parameters with the name of a field add equalities',
  schema: { type: 'string', contentMediaType: 'application/json', pattern: textPattern },
}
export const sort: Parameter = {
  component: 'sort',
  about: 'Fields separated by commas, with - for descending order, such as -$createdAt; newest first by default',
  schema: string,
  schemaOf: sortSchema,
}
export const limit: Parameter = {
  component: 'limit',
  about: 'Entities per page, 25 by default and at most 100',
  schema: { type: 'integer', minimum: 1, maximum: 100 },
}
export const cursor: Parameter = {
  component: 'cursor',
  about: 'The cursor of the previous page of the same list',
  schema: { type: 'string', maxLength: cursorCharactersMax },
}
export const include: Parameter = {
  component: 'include',
  about:
    'Relations separated by commas: in the answer, the entity stands in place of its id, and a relation is a list of at most 100 entities',
  schema: string,
  schemaOf: includeSchema,
}
export const fields: Parameter = {
  component: 'fields',
  about:
    'Fields separated by commas: the answer has only these, $type, $id and the included relations, and is a partial entity',
  schema: string,
  schemaOf: fieldsSchema,
}
export const asOf: Parameter = { component: 'asOf', about: 'Read what was true at this time', schema: timestamp }
export const strong: Parameter = {
  component: 'strong',
  about: 'Read the newest committed state',
  schema: { type: 'boolean' },
}
export const count: Parameter = {
  component: 'count',
  about: 'Count all entities of a list that has more than one page: total is then not null',
  schema: { type: 'string', enum: ['exact'] },
}
export const after: Parameter = {
  component: 'after',
  about: 'List events after this seq',
  schema: { type: 'integer', format: 'int64', minimum: 0, maximum: 999_999_999_999_999 },
}
export const eventLimit: Parameter = {
  component: 'eventLimit',
  about: 'Events per page; a page of the log may exceed it by the rest of one commit',
  schema: { type: 'integer', minimum: 1, maximum: 1000 },
}

const bookmark: Parameter = {
  component: 'bookmark',
  in: 'header',
  about: 'The newest bookmark that the client has seen; the answer is not older',
  schema: { type: 'string', pattern: '^[0-9a-z]{1,32}[.][0-9]{1,15}$' },
}
const idempotencyKey: Parameter = {
  component: 'idempotencyKey',
  in: 'header',
  about: `Makes retries safe: requests with the same key are performed once. Expects ${idempotencyKeyRule}`,
  schema: idempotencyKeySchema,
}
/** One ETag, or * for any version. Lists of ETags are accepted too. */
const etags = { type: 'string', pattern: '^([*]|(W/)?"[!#-~]*"(, *(W/)?"[!#-~]*"){0,99})$' } as const
const ifMatch: Parameter = {
  component: 'ifMatch',
  in: 'header',
  about: 'The ETag that the entity must have; the answer is 412 if it has another',
  schema: etags,
}
const ifNoneMatch: Parameter = {
  component: 'ifNoneMatch',
  in: 'header',
  about: 'An ETag from an earlier answer; the answer is 304 if the entity still has it',
  schema: etags,
}

const happenedAt: Parameter = {
  component: 'happenedAt',
  in: 'header',
  about: 'The time at which it happened, if that is earlier; values that say now are of that time',
  // Python's generator has no headers of the format date-time.
  schema: { type: timestamp.type, pattern: timestamp.pattern },
}

const force: Parameter = {
  component: 'force',
  in: 'header',
  about:
    'The reason for which an administrator forces the write past transitions and frozen fields; the event records it',
  schema: { type: 'string', minLength: 1, maxLength: 300 },
}

const dryRun: Parameter = {
  component: 'dryRun',
  about: 'Tell what the write would do, and change nothing',
  schema: { type: 'boolean' },
  // The result of an entity's write would have two types in every generated client. The document's text tells of it instead.
  schemaOf: () => undefined,
  mayBeEmpty: true,
}

export const readHeaders = { 'X-Headlessly-Bookmark': bookmark } as const
export const entityReadHeaders = { 'If-None-Match': ifNoneMatch, ...readHeaders } as const
export const createHeaders = { 'Idempotency-Key': idempotencyKey, ...readHeaders } as const
export const createParameters = {
  dryRun,
  'X-Headlessly-At': happenedAt,
  ...createHeaders,
} as const
export const writeParameters = {
  dryRun,
  'Idempotency-Key': idempotencyKey,
  'If-Match': ifMatch,
  'X-Headlessly-At': happenedAt,
  ...readHeaders,
} as const

const forced = { 'X-Headlessly-Force': force } as const
/** Writes of entities can be forced. */
export const entityWriteParameters = { ...writeParameters, ...forced } as const
export const entityCreateParameters = { ...createParameters, ...forced } as const
