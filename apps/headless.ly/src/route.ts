// What a method and a path ask for, as data: `PATCH /~acme/Contact/contact_…` is a write by the verb `update`.

import { type LakeCall, lakeCommands, type Parameters, type ReadCall, type WriteCall } from 'objects.do'

export type Route =
  | {
      readonly kind: 'read'
      readonly call: DistributiveOmit<ReadCall, 'tenant' | 'context' | 'actor' | 'onBehalfOf' | 'via' | 'bookmark'>
    }
  | { readonly kind: 'write'; readonly call: Pick<WriteCall, 'noun' | 'verb' | 'id'> }
  /** The log, as a list or live. */
  | { readonly kind: 'events' }
  /** A session of calls: capnweb over HTTP or a WebSocket. */
  | { readonly kind: 'rpc' }
  /** Code that runs next to the data. */
  | { readonly kind: 'do' }
  /** How to attach to the lake. */
  | { readonly kind: 'lake' }
  /** What an operator asks of the tenant's files. */
  | { readonly kind: 'maintain'; readonly command: LakeCall['command'] }
  /** The path is there, the method is not. */
  | { readonly kind: 'refused'; readonly allow: string }

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never

const listMethods = 'GET, HEAD, POST'
const readMethods = 'GET, HEAD'

/** `segments` are those after the tenant, decoded. Undefined where no such path is. */
export function resolveRoute(method: string, segments: readonly string[], parameters: Parameters): Route | undefined {
  const isRead = method === 'GET' || method === 'HEAD'
  const [noun = '', id, part] = segments
  if (segments.length > 3 || noun === '') return undefined
  if (noun === 'lake' && id !== undefined) return resolveLake(method, id, part)
  if (noun === 'events' || noun === 'schema' || noun === 'openapi' || noun === 'status' || noun === 'lake') {
    const route = resolveReserved(noun, id, parameters)
    return route === undefined || part !== undefined
      ? undefined
      : isRead
        ? route
        : { kind: 'refused', allow: readMethods }
  }
  // A WebSocket begins as a GET; one without is told by the session that it has no body.
  if (noun === 'rpc' && id === undefined)
    return method === 'POST' || method === 'GET' ? { kind: 'rpc' } : { kind: 'refused', allow: 'POST' }
  if (noun === 'do' && id === undefined) return method === 'POST' ? { kind: 'do' } : { kind: 'refused', allow: 'POST' }
  // The tenant's own paths are lower-case words, its entities' names are not.
  if (!/^[A-Z]/.test(noun)) return undefined
  if (id === undefined) {
    if (isRead) return { kind: 'read', call: { read: 'find', noun, parameters } }
    return method === 'POST'
      ? { kind: 'write', call: { noun, verb: 'create' } }
      : { kind: 'refused', allow: listMethods }
  }
  if (part !== undefined) return resolvePart({ method, isRead, noun, id, part, parameters })
  if (isRead)
    return {
      kind: 'read',
      call: id === 'count' ? { read: 'count', noun, parameters } : { read: 'get', noun, id, parameters },
    }
  switch (method) {
    case 'PATCH':
    case 'PUT':
      return { kind: 'write', call: { noun, id, verb: 'update' } }
    case 'DELETE':
      return { kind: 'write', call: { noun, id, verb: 'delete' } }
    case 'POST':
      // A verb that creates has no id: POST /Contact/capture.
      return { kind: 'write', call: { noun, verb: id } }
    default:
      return { kind: 'refused', allow: 'GET, HEAD, PATCH, PUT, DELETE, POST' }
  }
}

function resolveReserved(
  word: 'events' | 'schema' | 'openapi' | 'status' | 'lake',
  id: string | undefined,
  parameters: Parameters,
): Route | undefined {
  switch (word) {
    case 'events':
      return id === undefined ? { kind: 'events' } : { kind: 'read', call: { read: 'event', id } }
    case 'schema':
      return { kind: 'read', call: { read: 'schema', ...(id === undefined ? {} : { noun: id }) } }
    case 'openapi':
      return id === undefined ? { kind: 'read', call: { read: 'openapi' } } : undefined
    case 'status':
      return id === undefined ? { kind: 'read', call: { read: 'status', parameters } } : undefined
    case 'lake':
      return { kind: 'lake' }
    default:
      return undefined
  }
}

function resolveLake(method: string, name: string, part: string | undefined): Route | undefined {
  const command = lakeCommands.find((candidate) => candidate === name)
  if (command === undefined || part !== undefined) return undefined
  return method === 'POST' ? { kind: 'maintain', command } : { kind: 'refused', allow: 'POST' }
}

function resolvePart(path: {
  method: string
  isRead: boolean
  noun: string
  id: string
  part: string
  parameters: Parameters
}): Route | undefined {
  const { method, isRead, noun, id, part, parameters } = path
  if (part === 'history' || part === 'diff') {
    return isRead
      ? { kind: 'read', call: { read: part, noun, id, parameters } }
      : { kind: 'refused', allow: readMethods }
  }
  return method === 'POST' ? { kind: 'write', call: { noun, id, verb: part } } : { kind: 'refused', allow: 'POST' }
}
