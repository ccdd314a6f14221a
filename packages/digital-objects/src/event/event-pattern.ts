// A listener's event pattern: `*`, `Deal.*`, `Deal.Closed`, `*.Created`, an entity's id, or several of these, separated
// by commas.

import { isEntityId, parseId } from '../base/id.ts'
import { ObjectError } from '../base/object-error.ts'

type Alternative =
  /** Names are lower-case; null matches any name. */
  | { readonly kind: 'type'; readonly noun: string | null; readonly event: string | null }
  | { readonly kind: 'target'; readonly id: string }

export interface EventPattern {
  /** The canonical form: equal for equivalent patterns, and it parses to this pattern again. */
  readonly text: string
  readonly anyOf: readonly Alternative[]
}

const alternativesMax = 16
/** A listener's pattern is stored as the attachment of its socket, whose size is limited. */
const charactersMax = 1_024

/** Throws an ObjectError `invalid_parameter`. */
export function parseEventPattern(text: string): EventPattern {
  if (text.length > charactersMax) throw invalidPattern(`at most ${charactersMax} characters, got ${text.length}`)
  const parts = text.split(',')
  if (parts.length > alternativesMax) throw invalidPattern(`at most ${alternativesMax} patterns, got ${parts.length}`)
  const byText = new Map(parts.map((part) => parseOne(part.trim())).map((one) => [formatOne(one), one]))
  const sorted = [...byText].sort(([a], [b]) => (a < b ? -1 : 1))
  return { text: sorted.map(([one]) => one).join(','), anyOf: sorted.map(([, one]) => one) }
}

function parseOne(part: string): Alternative {
  if (part === '*') return { kind: 'type', noun: null, event: null }
  if (isEntityId(part)) return { kind: 'target', id: part }
  const [noun = '', name = '', rest, ...more] = part.split('.')
  const isOfEntity = rest === '*' && more.length === 0 && parseId(name)?.prefix === noun.toLowerCase()
  if (isOfEntity) return { kind: 'target', id: name }
  if (rest !== undefined || !isName(noun) || !isName(name))
    throw invalidPattern(
      `a pattern such as *, Deal.*, Deal.Closed, *.Created or an entity's id, got ${JSON.stringify(part.slice(0, 64))}`,
    )
  return { kind: 'type', noun: parseName(noun), event: parseName(name) }
}

function isName(text: string): boolean {
  return /^(?:\*|[A-Za-z][A-Za-z0-9]*)$/.test(text)
}

function parseName(text: string): string | null {
  return text === '*' ? null : text.toLowerCase()
}

function formatOne(one: Alternative): string {
  return one.kind === 'target' ? one.id : `${one.noun ?? '*'}.${one.event ?? '*'}`
}

export function matchesEventPattern(
  pattern: EventPattern,
  event: { readonly type: string; readonly target: string },
): boolean {
  const [noun = '', name = ''] = event.type.toLowerCase().split('.')
  return pattern.anyOf.some((one) =>
    one.kind === 'target'
      ? one.id === event.target
      : (one.noun === null || one.noun === noun) && (one.event === null || one.event === name),
  )
}

function invalidPattern(expected: string): ObjectError {
  return new ObjectError({ code: 'invalid_parameter', field: 'type', message: `type expects ${expected}` })
}
