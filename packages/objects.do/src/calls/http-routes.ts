// The HTTP routes of the operations: turns a method and a path below the tenant into a call.

import { type Call, compareText, type Parameters, unreachable } from 'digital-objects'
import type { CrudVerb } from '../answers/crud-verbs.ts'
import { parseFlag, refuseOthers } from '../entities/parameters.ts'
import type { Method, Operation, Route } from '../openapi/operation.ts'
import { findRead, operations } from './operations.ts'

/** The call of a request, or the methods that its path allows; an empty list if there is no such path. */
export type Routed =
  | {
      readonly call: Call
      /** The route's path, with variables. */ readonly path: string
      readonly allowed?: undefined
    }
  | { readonly call?: undefined; readonly path?: undefined; readonly allowed: readonly string[] }

export interface HttpRequest {
  readonly method: string
  /** Segments of the path below the tenant, decoded. */
  readonly segments: readonly string[]
  readonly parameters: Parameters
}

/** Chooses the most specific path that has the method: literal segments come before variables. */
export function routeCall({ method, segments, parameters }: HttpRequest): Routed {
  const wanted = method === 'HEAD' ? 'GET' : method
  for (const route of matchingRoutes(segments)) {
    if (route.methods.some((name) => name === wanted))
      return { call: route.toCall(segments, parameters), path: route.path }
  }
  return { allowed: allowedMethods(segments) }
}

/**
 * The methods of a path below the tenant, in the order of an Allow header, without those that need a verb which the Noun's
 * definition disables.
 */
export function allowedMethods(segments: readonly string[], disabled: readonly string[] = []): readonly string[] {
  const methods: string[] = []
  for (const route of matchingRoutes(segments)) {
    if (route.needs === undefined || !disabled.includes(route.needs)) methods.push(...route.methods)
  }
  return [...new Set(methods.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])))]
}

/** The routes of the most specific path. A path of literal words, such as `/Contact/count`, is no entity's path. */
function* matchingRoutes(segments: readonly string[]): Generator<HttpRoute> {
  let specificity: string | undefined
  for (const route of routesOf(segments)) {
    if (!route.matches(segments)) continue
    if (route.specificity !== (specificity ??= route.specificity)) return
    yield route
  }
}

/** Returns the REST path of a read below the tenant, so that RPC and REST share cached answers. */
export function pathOfRead({ read, noun = '', id = '' }: { read: string; noun?: string; id?: string }): string {
  const path = findRead(read)?.routes[0]?.path ?? ''
  return path.replace('{Noun}', noun).replace('{noun}', noun).replace('{id}', id)
}

interface HttpRoute {
  /** The verb without which a Noun does not have it. */
  readonly needs: CrudVerb | undefined
  readonly methods: readonly Method[]
  readonly path: string
  /** Sorts literal segments before variables, segment by segment. */
  readonly specificity: string
  readonly matches: (segments: readonly string[]) => boolean
  readonly toCall: (segments: readonly string[], parameters: Parameters) => Call
}

const routes = operations
  .flatMap((operation) => operation.routes.map((route) => toHttpRoute(operation, route)))
  .toSorted((a, b) => compareText(a.specificity, b.specificity))

/** The paths of all operations below the tenant, such as `/{Noun}/{id}/history`. */
export const operationPaths: readonly string[] = [...new Set(routes.map(({ path }) => path))]

const routesByLength = Map.groupBy(routes, ({ path }) => partsOf(path).length)

function routesOf(segments: readonly string[]): readonly HttpRoute[] {
  return routesByLength.get(segments.length) ?? []
}

function toHttpRoute({ kind, name, needs }: Operation, { methods, path }: Route): HttpRoute {
  const parts = partsOf(path)
  const indexOf = (...names: readonly string[]): number => parts.findIndex((part) => names.includes(part))
  const [nounAt, idAt, verbAt] = [indexOf('{Noun}', '{noun}'), indexOf('{id}'), indexOf('{verb}')]
  const tests = parts.map((part) => toTest(part, path))
  const { length } = tests
  return {
    needs,
    methods,
    path,
    specificity: parts.map((part) => (part.startsWith('{') ? '1' : '0')).join(''),
    matches: (segments) => {
      for (let at = 0; at < length; at++) if (tests[at]?.(segments[at] ?? '') === false) return false
      return true
    },
    toCall: (segments, parameters) => {
      const noun = segments[nounAt]
      const id = segments[idAt]
      const target = id === undefined ? {} : { id }
      switch (kind) {
        case 'read':
          return { kind, read: name, ...(noun === undefined ? {} : { noun }), ...target, parameters }
        case 'write':
          return {
            kind,
            verb: segments[verbAt] ?? name,
            noun: noun ?? '',
            ...target,
            ...dryRunOf(parameters),
            body: '',
          }
        case 'command':
          refuseOthers(parameters, [])
          return { kind, command: name }
        default:
          return unreachable(kind)
      }
    },
  }
}

/** Writes have no other parameter. */
function dryRunOf(parameters: Parameters): { readonly isDryRun?: true } {
  refuseOthers(parameters, ['dryRun'])
  return parseFlag(parameters, 'dryRun') ? { isDryRun: true } : {}
}

/**
 * Accepts names with a capital letter as Nouns, because the tenant's other paths are lower-case words. `/Contact/capture` is a
 * verb and `/Contact/contact_1VbZ0kQ3x9Ta` an entity: no id is a word.
 */
function toTest(part: string, path: string): (segment: string) => boolean {
  if (part === '{Noun}') return (segment) => segment >= 'A' && segment < '['
  if (part === '{verb}') return isWord
  if (path === '/{Noun}/{id}' && part === '{id}') return (segment) => segment !== '' && !isWord(segment)
  return part.startsWith('{') ? (segment) => segment !== '' : (segment) => segment === part
}

/** Whether a segment can be a verb's name. */
export function isWord(segment: string): boolean {
  return /^[a-z][A-Za-z0-9]*$/.test(segment)
}

/** The path of the tenant itself, `/`, has none. */
function partsOf(path: string): readonly string[] {
  return path === '/' ? [] : path.slice(1).split('/')
}
