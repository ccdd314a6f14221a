// The expressions of a step's mapping: a path (`deal.name`, `step.0.$id`), a quoted literal, several of these joined by `+`, or a
// word that leads nowhere and stands for itself.

import { isPlainObject, type JsonValue } from 'digital-objects'
import type { Json } from './parse-workflow.ts'

export interface Scope {
  /** Values by their names: `deal`, `event`, `input`, `step`, `results`, `item`. */
  readonly names: Json
  /** A path to the value at which paths start first. */
  readonly from: string | undefined
  /** Returns the fields of a live entity. */
  readonly read: (id: string) => Json | undefined
}

const partsMax = 50
const token = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^+"']+?))\s*(?:\+|$)/y

/** Returns undefined if a path has no value. Anything but a string stands for itself. */
export function evaluateExpression(expression: JsonValue, scope: Scope): JsonValue | undefined {
  if (typeof expression !== 'string') return expression
  const parts = splitParts(expression)
  if (parts === undefined) return expression
  const values = parts.map((part) => ('literal' in part ? part.literal : valueOfPath(part.path, scope)))
  if (values.length === 1) return values[0]
  return values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value ?? ''))).join('')
}

type Part = { readonly literal: string } | { readonly path: string }

/** Returns undefined if the string is no expression, so that it stands for itself. */
function splitParts(expression: string): readonly Part[] | undefined {
  const parts: Part[] = []
  token.lastIndex = 0
  while (token.lastIndex < expression.length) {
    const match = token.exec(expression)
    if (match === null || parts.length === partsMax) return undefined
    const literal = match[1] ?? match[2]
    parts.push(literal === undefined ? { path: match[3] ?? '' } : { literal: literal.replace(/\\(.)/g, '$1') })
  }
  return parts.length === 0 ? undefined : parts
}

function valueOfPath(path: string, scope: Scope): JsonValue | undefined {
  const found = valueAt(path, scope)
  if (found !== undefined) return found
  // A word that leads nowhere is a literal; a path that leads nowhere has no value.
  return /^[$A-Za-z][\w$]*(?:\.[\w$]+)+$/.test(path) ? undefined : path
}

/** Follows names, indexes, and ids of entities. */
export function valueAt(path: string, { names, from, read }: Scope): JsonValue | undefined {
  const segments = path.split('.')
  const base = from === undefined ? undefined : follow(names, from.split('.'), read)
  return (base === undefined ? undefined : follow(base, segments, read)) ?? follow(names, segments, read)
}

function follow(start: JsonValue, names: readonly string[], read: Scope['read']): JsonValue | undefined {
  let value: JsonValue | undefined = start
  for (const name of names) value = memberOf(value, name, read)
  return value
}

function memberOf(value: JsonValue | undefined, name: string, read: Scope['read']): JsonValue | undefined {
  if (Array.isArray(value)) return /^\d{1,6}$/.test(name) ? (value[Number(name)] as JsonValue | undefined) : undefined
  if (typeof value === 'string') return ownMember(read(value), name)
  if (!isPlainObject(value)) return undefined
  const own = ownMember(value, name)
  // The result of a step that wrote is the id of its entity.
  const id = value['$id']
  return own === undefined && typeof id === 'string' ? ownMember(read(id), name) : own
}

function ownMember(value: Json | undefined, name: string): JsonValue | undefined {
  return value !== undefined && Object.hasOwn(value, name) ? value[name] : undefined
}
