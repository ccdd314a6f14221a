// Reads what a run of code has to know of its tenant before it starts: the tenant's own definitions and additions, so that
// the client inside the sandbox knows its Nouns, and the time of the tenant's clock, at which `Date` stands still.

import type { ServiceRequest } from '@dotdo/service'
import { isPlainObject, type NounDefinition, parseDatetime, tryParseJson } from 'digital-objects'

export interface RunFacts {
  /** By name. */
  readonly definitions: Readonly<Record<string, NounDefinition>>
  /** Absent if it could not be read. */
  readonly nowMs?: number
}

/** Without an answer the facts are empty; the code's own calls then report the error. */
export async function readRunFacts({ answerMessage }: Pick<ServiceRequest, 'answerMessage'>): Promise<RunFacts> {
  const calls = [
    { kind: 'read', read: 'schemas', parameters: { defined: 'true' } },
    { kind: 'read', read: 'clock', parameters: {} },
  ]
  const [schemas, clock] = await answerMessage(JSON.stringify({ calls }), (given) => given)
  const nowMs = timeIn(bodyOf(clock))
  return { definitions: definitionsIn(bodyOf(schemas)), ...(nowMs === undefined ? {} : { nowMs }) }
}

function bodyOf(answer = ''): unknown {
  if (!answer.startsWith('{"ok":true')) return undefined
  return tryParseJson(answer.slice(answer.indexOf('\n') + 1))
}

function definitionsIn(schemas: unknown): RunFacts['definitions'] {
  if (!isPlainObject(schemas)) return {}
  const definitions: Record<string, NounDefinition> = {}
  for (const [name, schema] of Object.entries(schemas)) {
    // The tenant's object wrote the answer, so its form needs no check.
    if (isPlainObject(schema)) definitions[name] = schema['definition'] as NounDefinition
  }
  return definitions
}

function timeIn(clock: unknown): number | undefined {
  const now = isPlainObject(clock) ? clock['now'] : undefined
  return typeof now === 'string' ? parseDatetime(now) : undefined
}
