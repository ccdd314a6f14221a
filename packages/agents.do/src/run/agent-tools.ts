// The tools that a run offers to the model, and the call that each makes. The agent's own authority answers the calls.

import { type Call, isPlainObject, type JsonValue, type NounSchema, parseId, tryParseJson } from 'digital-objects'
import type { ChatTool, ToolCall } from '../model/model.ts'

export type Json = Readonly<Record<string, JsonValue>>

const rowsMax = 20

const text = { type: 'string' } as const

interface Tool {
  readonly name: string
  readonly does: string
  readonly takes: object
  readonly needs: readonly string[]
}

function tool({ name, does, takes, needs }: Tool): ChatTool {
  const parameters = { type: 'object', properties: takes, required: needs, additionalProperties: false }
  return { type: 'function', function: { name, description: does, parameters } }
}

export const agentTools: readonly ChatTool[] = [
  tool({ name: 'types', does: 'Lists the entity types of the business.', takes: {}, needs: [] }),
  tool({
    name: 'schema',
    does: 'Fields and verbs of an entity type. Read it before you write entities of the type.',
    takes: { type: text },
    needs: ['type'],
  }),
  tool({
    name: 'search',
    does: 'Finds entities of a type, newest first. filter is MongoDB-style: {"stage":"Lead"}; words searches their texts.',
    takes: {
      type: text,
      filter: { type: 'object' },
      words: text,
      limit: { type: 'integer', minimum: 1, maximum: rowsMax },
    },
    needs: ['type'],
  }),
  tool({ name: 'get', does: 'Reads one entity by its id.', takes: { id: text }, needs: ['id'] }),
  tool({
    name: 'write',
    does: 'Calls a verb: create, update, delete, or a verb of the type. fields are what it creates, changes or takes; all verbs but create need an id.',
    takes: { type: text, verb: text, id: text, fields: { type: 'object' } },
    needs: ['type', 'verb'],
  }),
]

/** The tool by which the model answers `decide`. */
export function chooseTool(options: readonly string[]): ChatTool {
  return tool({
    name: 'choose',
    does: 'Gives the decision: one of the options.',
    takes: { option: { type: 'string', enum: options }, reason: text },
    needs: ['option'],
  })
}

export function argumentsOf({ function: { arguments: json } }: ToolCall): Json | undefined {
  const parsed = tryParseJson(json === '' ? '{}' : json)
  // It was parsed from JSON.
  return isPlainObject(parsed) ? (parsed as Json) : undefined
}

export interface ToolParts {
  readonly nouns: readonly NounSchema[]
  /** The key of a write, by which it is made once. */
  readonly key: string
  /** Writes are only tried. */
  readonly isDryRun: boolean
}

/** Returns the call, or a sentence for the model that says what is wrong. */
export function toolToCall(called: ToolCall, { nouns, key, isDryRun }: ToolParts): Call | string {
  const { name } = called.function
  const given = argumentsOf(called)
  if (given === undefined) return 'the arguments are no JSON object'
  const { type, id, filter, words, limit, verb, fields = {} } = given
  if (name === 'choose') return 'option expects one of the options, as it is written'
  if (name === 'types') return { kind: 'read', read: 'overview', parameters: {} }
  if (name === 'get') {
    const prefix = typeof id === 'string' ? parseId(id)?.prefix : undefined
    const noun = nouns.find(({ idPrefix }) => idPrefix === prefix)?.name
    if (typeof id !== 'string' || noun === undefined) return 'id expects the id of an entity, such as deal_1VbZ0kQ3x9Tb'
    return { kind: 'read', read: 'get', noun, id, parameters: {} }
  }
  if (typeof type !== 'string' || !nouns.some((noun) => noun.name === type))
    return `type expects the name of an entity type, got ${JSON.stringify(type ?? null).slice(0, 80)}`
  if (name === 'schema') return { kind: 'read', read: 'schema', noun: type, parameters: {} }
  if (name === 'search') {
    const rows = typeof limit === 'number' ? Math.min(Math.max(1, Math.trunc(limit)), rowsMax) : rowsMax
    const chosen = { ...(isPlainObject(filter) ? filter : {}), ...(typeof words === 'string' ? { $text: words } : {}) }
    const parameters = { filter: JSON.stringify(chosen), limit: String(rows) }
    return { kind: 'read', read: 'find', noun: type, parameters }
  }
  if (name !== 'write') return `there is no tool ${name.slice(0, 80)}`
  if (typeof verb !== 'string' || !/^[a-z][A-Za-z]{0,62}$/.test(verb)) return 'verb expects a verb such as update'
  if (!isPlainObject(fields)) return 'fields expects an object'
  return {
    kind: 'write',
    noun: type,
    verb,
    body: JSON.stringify(fields),
    idempotencyKey: key,
    ...(typeof id === 'string' ? { id } : {}),
    ...(isDryRun ? { isDryRun } : {}),
  }
}
