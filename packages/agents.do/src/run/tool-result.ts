// An answer as the model sees it: as short as it can be, and never longer than a limit.

import type { ServiceAnswer } from '@dotdo/service'
import { isPlainObject, type JsonValue, tryParseJson } from 'digital-objects'

const charactersMax = 12_000

export function toolResult(tool: string, answer: ServiceAnswer): string {
  if (!answer.ok) {
    const { code, message, field } = answer.error
    return shortened(JSON.stringify({ refused: code, message, ...(field === undefined ? {} : { field }) }))
  }
  const body = tryParseJson(answer.body)
  if (!isPlainObject(body)) return answer.body === '' ? 'done' : shortened(answer.body)
  if (tool === 'types') return shortened(JSON.stringify(typeCounts(body['entities'])))
  if (tool === 'schema') return shortened(JSON.stringify(shortSchema(body)))
  return shortened(answer.body)
}

function typeCounts(entities: unknown): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(listed(entities).map(({ name, count }) => [String(name), Number(count)]))
}

/** The definition in the grammar of Nouns, and what the verbs do. */
function shortSchema({ about, definition, verbs, state }: Readonly<Record<string, unknown>>): object {
  const fields = isPlainObject(definition) ? definition['fields'] : {}
  return {
    about,
    state,
    fields,
    verbs: Object.fromEntries(listed(verbs).map(({ verb, description }) => [String(verb), description ?? ''])),
  }
}

function listed(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isPlainObject) : []
}

export function shortened(text: string): string {
  if (text.length <= charactersMax) return text
  return `${text.slice(0, charactersMax).toWellFormed()}… (cut: ${text.length} characters; ask for less)`
}
