// Parses the body of a batch. All of it is checked before anything is performed: each error names its field, such as
// `operations[3].path`.

import {
  type Call,
  decodePart,
  type ExpectedVersion,
  forceReasonRule,
  happenedAtRule,
  isForceReason,
  isPlainObject,
  type JsonValue,
  nearestName,
  ObjectError,
  parseHappenedAt,
  parseParameters,
} from 'digital-objects'
import type { Method } from '../openapi/operation.ts'
import type { Body } from '../writes/parse-body.ts'
import { orderOperations } from './batch-order.ts'
import { type OperationBody, parseOperationBody } from './operation-body.ts'
import { isReference, type OperationReference, parseReference } from './operation-reference.ts'

export interface Batch {
  readonly isAtomic: boolean
  readonly isDryRun: boolean
  readonly operations: readonly BatchOperation[]
  /** Indexes of the operations, in the order in which they are performed. */
  readonly order: readonly number[]
}

export interface BatchOperation {
  /** Its index, unless the request gives it an id. */
  readonly id: string
  /** `operations[3]` */
  readonly field: string
  readonly method: Method
  /** The call of a path that is known; a reference to a path that another operation answers. */
  readonly target: Call | OperationReference
  readonly body: OperationBody | undefined
  readonly ifVersion: ExpectedVersion | undefined
  /** The time at which its change happened; by default that of the batch. */
  readonly at: string | undefined
  /** The reason for which an administrator forces its write. */
  readonly force: string | undefined
  /** Indexes of the operations whose results it uses. */
  readonly uses: readonly number[]
}

/** Returns the call of a path that may be part of a batch. Throws an ObjectError. */
export type RouteOperation = (request: { readonly method: Method; readonly path: string }) => Call

export const operationsMax = 100
const idCharactersMax = 64
const pathCharactersMax = 8_192
const methods: readonly Method[] = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE']
const members = ['id', 'method', 'path', 'body', 'ifVersion', 'at', 'force'] as const

/** Throws an ObjectError. */
export function parseBatch(body: Body, route: RouteOperation): Batch {
  const { atomic = true, dryRun = false, operations: given, ...others } = body
  refuseOthers(others, 'body', ['atomic', 'dryRun', 'operations'])
  if (typeof atomic !== 'boolean') throw invalid('atomic', 'expects true or false')
  if (typeof dryRun !== 'boolean') throw invalid('dryRun', 'expects true or false')
  if (!Array.isArray(given) || given.length === 0 || given.length > operationsMax) {
    const got = Array.isArray(given) ? `${given.length}` : 'no list'
    throw invalid('operations', `expects a list of 1 to ${operationsMax} operations, got ${got}`)
  }
  const ids = parseIds(given)
  const operations = given.map((operation: JsonValue, at) => parseOperation(operation, { at, ids, route }))
  return { isAtomic: atomic, isDryRun: dryRun, operations, order: orderOperations(operations.map(({ uses }) => uses)) }
}

/** Splits a path below the tenant into its decoded segments and its parameters. Throws an ObjectError. */
export function splitPath(path: string): {
  readonly segments: readonly string[]
  readonly parameters: Record<string, string>
} {
  const searchAt = path.indexOf('?')
  const segments = path.slice(1, searchAt < 0 ? undefined : searchAt).replace(/\/$/, '')
  return {
    segments: segments === '' ? [] : segments.split('/').map((segment) => decodePart(segment, 'path')),
    parameters: { ...parseParameters(searchAt < 0 ? '' : path.slice(searchAt)) },
  }
}

/** Operations by id, for their references. */
function parseIds(operations: readonly JsonValue[]): ReadonlyMap<string, number> {
  const ids = new Map<string, number>()
  for (const [at, operation] of operations.entries()) {
    const field = `operations[${at}].id`
    const id = isPlainObject(operation) ? (operation['id'] ?? String(at)) : String(at)
    if (typeof id !== 'string' || id === '' || id.length > idCharactersMax)
      throw invalid(field, `expects a string of 1 to ${idCharactersMax} characters`)
    const other = ids.get(id)
    if (other !== undefined) throw invalid(field, `'${id}' is the id of operations[${other}] already`)
    ids.set(id, at)
  }
  return ids
}

interface Place {
  readonly at: number
  readonly ids: ReadonlyMap<string, number>
  readonly route: RouteOperation
}

function parseOperation(value: JsonValue, { at, ids, route }: Place): BatchOperation {
  const field = `operations[${at}]`
  if (!isPlainObject(value)) throw invalid(field, 'expects an object { method, path, body }')
  const {
    id = String(at),
    method: name,
    path,
    body,
    ifVersion,
    at: happened,
    force,
    ...others
  } = value as Readonly<Record<string, JsonValue>>
  refuseOthers(others, field, members)
  const method = methods.find((known) => known === name)
  if (method === undefined) throw invalid(`${field}.method`, `expects ${methods.join(', ')}`)
  const target = parsePath(path, { field: `${field}.path`, method, route })
  const parsed = body === undefined || body === null ? undefined : parseOperationBody(body, `${field}.body`)
  if (method === 'GET' || method === 'DELETE') {
    if (parsed !== undefined) throw invalid(`${field}.body`, `expects nothing, since ${method} has no body`)
  }
  const references = [...('operation' in target ? [target] : []), ...(parsed?.references.values() ?? [])]
  return {
    id: String(id),
    field,
    method,
    target,
    body: parsed,
    ifVersion: ifVersion === undefined || ifVersion === null ? undefined : parseVersion(ifVersion, { field, method }),
    at: happened === undefined || happened === null ? undefined : parseAt(happened, { field, method }),
    force: force === undefined || force === null ? undefined : parseForce(force, { field, method }),
    uses: [...new Set(references.map((reference) => indexOf(reference, ids)))],
  }
}

function parsePath(
  path: JsonValue | undefined,
  { field, method, route }: { readonly field: string; readonly method: Method; readonly route: RouteOperation },
): Call | OperationReference {
  if (isReference(path)) return parseReference(path, field)
  if (typeof path !== 'string') throw invalid(field, 'expects a path below the tenant, such as /Contact, or a $ref')
  return routePath(path, { field, method, route })
}

/** Throws an ObjectError that names the field. */
export function routePath(
  path: string,
  { field, method, route }: { readonly field: string; readonly method: Method; readonly route: RouteOperation },
): Call {
  if (!path.startsWith('/') || path.length > pathCharactersMax)
    throw invalid(field, `expects a path such as /Contact, of at most ${pathCharactersMax} characters`)
  try {
    return route({ method, path })
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    throw invalid(field, error.message)
  }
}

function indexOf({ operation, field }: OperationReference, ids: ReadonlyMap<string, number>): number {
  const index = ids.get(operation)
  if (index !== undefined) return index
  const nearest = nearestName(operation, [...ids.keys()])
  const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`
  throw invalid(field, `refers to '${operation.slice(0, 64)}', which is the id of no operation of this batch${hint}`)
}

function parseVersion(value: JsonValue, of: { readonly field: string; readonly method: Method }): ExpectedVersion {
  const field = `${of.field}.ifVersion`
  if (of.method === 'GET') throw invalid(field, 'expects a write, and GET reads')
  if (value === 'any' || (typeof value === 'number' && Number.isSafeInteger(value))) return value
  throw invalid(field, "expects a whole number or 'any'")
}

function parseAt(value: JsonValue, of: { readonly field: string; readonly method: Method }): string {
  const field = `${of.field}.at`
  if (of.method === 'GET') throw invalid(field, 'expects a write, and GET reads')
  const at = parseHappenedAt(value)
  if (at !== undefined) return at
  throw invalid(field, `expects ${happenedAtRule}`)
}

function parseForce(value: JsonValue, of: { readonly field: string; readonly method: Method }): string {
  const field = `${of.field}.force`
  if (of.method === 'GET') throw invalid(field, 'expects a write, and GET reads')
  if (isForceReason(value)) return value
  throw invalid(field, `expects ${forceReasonRule}`)
}

function refuseOthers(others: Readonly<Record<string, unknown>>, field: string, known: readonly string[]): void {
  const [unknown] = Object.keys(others)
  if (unknown === undefined) return
  const nearest = nearestName(unknown, known)
  const hint = nearest === undefined ? `expected ${known.join(', ')}` : `did you mean '${nearest}'?`
  const place = field === 'body' ? unknown.slice(0, 64) : `${field}.${unknown.slice(0, 64)}`
  throw invalid(place, `is unknown; ${hint}`)
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_body', field, message: `batch: ${field} ${message}` })
}
