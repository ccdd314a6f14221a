// The operations as routes of the front door, which turns a method and a path below the tenant into a call.

import { type Call, compareText, type Parameters, unreachable } from 'digital-objects'
import type { Method, Operation } from '../openapi/operation.ts'
import { findRead, operations } from './operations.ts'

export interface HttpRoute {
  readonly methods: readonly Method[]
  /** `/{Noun}/{id}/history`, as the operation has it. */
  readonly path: string
  readonly kind: Operation['kind']
  /** `segments` are those of the path, decoded. */
  readonly toCall: (segments: readonly string[], parameters: Parameters) => Call
}

/** The most specific path first: a literal segment goes before a variable. */
export const httpRoutes: readonly HttpRoute[] = operations
  .flatMap((operation) => operation.routes.map((route) => ({ operation, ...route })))
  .map(({ operation, methods, path }): HttpRoute => {
    const { kind } = operation
    return { methods, path, kind, toCall: callMaker(operation, path) }
  })
  .toSorted((a, b) => compareText(specificity(a.path), specificity(b.path)))

/** Methods that some route has for the path, in the order of an Allow header; empty if there is no such path. */
export function allowedMethods(segments: readonly string[]): readonly string[] {
  const methods = httpRoutes.filter(({ path }) => matchesPath(path, segments)).flatMap((route) => route.methods)
  return [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))]
}

/** The path of a read below the tenant, as REST has it; both find what is cached of the other's answers. */
export function pathOfRead({ read, noun = '', id = '' }: { read: string; noun?: string; id?: string }): string {
  const path = findRead(read)?.routes[0]?.path ?? ''
  return path.replace('{Noun}', noun).replace('{noun}', noun).replace('{id}', id)
}

/** Names of Nouns begin with a capital letter; the tenant's own paths are lower-case words. */
export const nounPattern = '[A-Z][^/]*'

function matchesPath(path: string, segments: readonly string[]): boolean {
  const parts = path.slice(1).split('/')
  return (
    parts.length === segments.length &&
    parts.every((part, index) => {
      const segment = segments[index] ?? ''
      if (part === '{Noun}') return new RegExp(`^${nounPattern}$`).test(segment)
      return part.startsWith('{') ? segment !== '' : part === segment
    })
  )
}

function callMaker({ kind, name }: Operation, path: string): HttpRoute['toCall'] {
  const parts = path.slice(1).split('/')
  const indexOf = (...names: readonly string[]): number => parts.findIndex((part) => names.includes(part))
  const [nounAt, idAt, verbAt] = [indexOf('{Noun}', '{noun}'), indexOf('{id}'), indexOf('{verb}')]
  return (segments, parameters) => {
    const noun = segments[nounAt]
    const id = segments[idAt]
    const target = id === undefined ? {} : { id }
    switch (kind) {
      case 'read':
        return { kind, read: name, ...(noun === undefined ? {} : { noun }), ...target, parameters }
      case 'write':
        return { kind, verb: segments[verbAt] ?? name, noun: noun ?? '', ...target, body: '' }
      case 'command':
        return { kind, command: name }
      default:
        return unreachable(kind)
    }
  }
}

/** Sorts literal segments before variables, segment by segment. */
function specificity(path: string): string {
  return path
    .slice(1)
    .split('/')
    .map((part) => (part.startsWith('{') ? '1' : '0'))
    .join('')
}
