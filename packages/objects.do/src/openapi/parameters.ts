// Descriptions of query parameters and headers for the OpenAPI document. This file has those that several operations share;
// an operation describes its other parameters beside its parser.

import { idempotencyKeyRule, keyCharactersMax } from 'digital-objects'
import type { Json } from './components.ts'

export interface Parameter {
  readonly about: string
  readonly schema: Json
  /** Set for a header. */
  readonly in?: 'header'
  /** The name among the document's components. A parameter without one is described at each use. */
  readonly component?: string
}

/** Parameters by name. */
export type ParametersAbout = Readonly<Record<string, Parameter>>

const string = { type: 'string' } as const
const timestamp = { type: 'string', format: 'date-time' } as const

export const filter: Parameter = {
  component: 'filter',
  about: 'JSON such as {"stage":"Lead","value":{"$gt":1000}}; bare field parameters add equalities',
  schema: string,
}
export const sort: Parameter = {
  component: 'sort',
  about: 'Fields separated by commas, - for descending: -value,name',
  schema: string,
}
export const limit: Parameter = {
  component: 'limit',
  about: 'Entities per page',
  schema: { type: 'integer', minimum: 1, maximum: 100, default: 25 },
}
export const cursor: Parameter = { component: 'cursor', about: 'The cursor of the previous page', schema: string }
export const include: Parameter = {
  component: 'include',
  about: 'Relations separated by commas, one level deep',
  schema: string,
}
export const fields: Parameter = {
  component: 'fields',
  about: 'Fields separated by commas; $type and $id are always included',
  schema: string,
}
export const asOf: Parameter = { component: 'asOf', about: 'Read what was true at this time', schema: timestamp }
export const strong: Parameter = {
  component: 'strong',
  about: 'Read the newest committed state',
  schema: { type: 'boolean' },
}
export const count: Parameter = {
  component: 'count',
  about: 'Count more than 10,000 entities exactly',
  schema: { const: 'exact' },
}
export const after: Parameter = {
  component: 'after',
  about: 'List events after this seq',
  schema: { type: 'integer', minimum: 0 },
}
export const eventLimit: Parameter = {
  component: 'eventLimit',
  about: 'Events per page',
  schema: { type: 'integer', minimum: 1, maximum: 1000 },
}

const bookmark: Parameter = {
  component: 'bookmark',
  in: 'header',
  about: 'The newest bookmark that the client has seen',
  schema: string,
}
const idempotencyKey: Parameter = {
  component: 'idempotencyKey',
  in: 'header',
  about: `Makes retries safe: requests with the same key are performed once. Expects ${idempotencyKeyRule}`,
  schema: { type: 'string', minLength: 1, maxLength: keyCharactersMax },
}
const ifMatch: Parameter = {
  component: 'ifMatch',
  in: 'header',
  about: 'The ETag that the entity must have',
  schema: string,
}
const ifNoneMatch: Parameter = {
  component: 'ifNoneMatch',
  in: 'header',
  about: 'An ETag from an earlier answer; the answer is 304 if the entity still has it',
  schema: string,
}

export const readHeaders = { 'X-Headlessly-Bookmark': bookmark } as const
export const entityReadHeaders = { 'If-None-Match': ifNoneMatch, ...readHeaders } as const
export const writeHeaders = { 'Idempotency-Key': idempotencyKey, 'If-Match': ifMatch, ...readHeaders } as const
export const codeHeaders = { 'Idempotency-Key': idempotencyKey, ...readHeaders } as const
