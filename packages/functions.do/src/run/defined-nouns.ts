// Reads the tenant's own definitions and additions, so that the client inside the sandbox knows the tenant's Nouns.

import type { ServiceRequest } from '@dotdo/service'
import { isPlainObject, type NounDefinition, tryParseJson } from 'digital-objects'

/** Returns definitions by name. They are empty if they cannot be read; the code's own calls then report the error. */
export async function definedNouns({
  answerMessage,
}: Pick<ServiceRequest, 'answerMessage'>): Promise<Readonly<Record<string, NounDefinition>>> {
  const call = { kind: 'read', read: 'schemas', parameters: { defined: 'true' } }
  const [answer = ''] = await answerMessage(JSON.stringify({ calls: [call] }), (calls) => calls)
  if (!answer.startsWith('{"ok":true')) return {}
  const schemas = tryParseJson(answer.slice(answer.indexOf('\n') + 1))
  if (!isPlainObject(schemas)) return {}
  const definitions: Record<string, NounDefinition> = {}
  for (const [name, schema] of Object.entries(schemas)) {
    // The tenant's object wrote the answer, so its form needs no check.
    if (isPlainObject(schema)) definitions[name] = schema['definition'] as NounDefinition
  }
  return definitions
}
