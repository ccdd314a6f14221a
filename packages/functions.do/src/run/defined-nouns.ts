// The definitions that the tenant made, or added to, so that the client inside the sandbox knows its Nouns too.

import type { ServiceRequest } from '@dotdo/service'
import { isPlainObject, type NounDefinition, tryParseJson } from 'digital-objects'

/** By name. Empty if they cannot be read: then the code's own calls say what is wrong. */
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
    // The tenant's own object wrote it.
    if (isPlainObject(schema)) definitions[name] = schema['definition'] as NounDefinition
  }
  return definitions
}
