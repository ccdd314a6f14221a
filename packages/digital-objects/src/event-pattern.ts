// What a listener wants to hear: `*`, `Deal.*`, `Deal.Closed`, `*.Created`, an entity's id, or several with commas.

import { isEntityId } from './id.ts'
import { ObjectError } from './object-error.ts'

/** Any of its alternatives; texts are lower-case, null stands for any. */
export interface EventPattern {
  readonly text: string
  readonly anyOf: readonly (
    | { readonly kind: 'type'; readonly noun: string | null; readonly event: string | null }
    | { readonly kind: 'target'; readonly id: string }
  )[]
}

const alternativesMax = 16

/** Throws an ObjectError `invalid_parameter`. */
export function parseEventPattern(text: string): EventPattern {
  const parts = text.split(',').map((part) => part.trim())
  if (parts.length > alternativesMax) throw wrong(`at most ${alternativesMax} patterns, got ${parts.length}`)
  return { text: parts.join(','), anyOf: parts.map(parseOne) }
}

function parseOne(part: string): EventPattern['anyOf'][number] {
  if (part === '*' || part === '*.*') return { kind: 'type', noun: null, event: null }
  if (isEntityId(part)) return { kind: 'target', id: part }
  const ofEntity = /^[A-Z][A-Za-z0-9]*\.([a-z][a-z0-9]*_[0-9A-Za-z]{12})\.\*$/.exec(part)
  if (ofEntity !== null) return { kind: 'target', id: ofEntity[1] as string }
  const type = /^(\*|[A-Za-z][A-Za-z0-9]*)\.(\*|[A-Za-z][A-Za-z0-9]*)$/.exec(part)
  if (type === null)
    throw wrong(
      `a pattern such as *, Deal.*, Deal.Closed, *.Created or an entity's id, got ${JSON.stringify(part.slice(0, 64))}`,
    )
  const [noun, event] = [type[1] as string, type[2] as string].map((name) =>
    name === '*' ? null : name.toLowerCase(),
  ) as [string | null, string | null]
  return { kind: 'type', noun, event }
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

function wrong(expected: string): ObjectError {
  return new ObjectError({ code: 'invalid_parameter', field: 'type', message: `type expects ${expected}` })
}
