// Answers of tools: JSON within a budget of characters, and errors that say what to do next.

import type { CallToolResult } from '@modelcontextprotocol/server'
import { isPlainObject } from 'digital-objects'
import type { TenantReply } from './tenant-requests.ts'

/** About 6,000 tokens. */
export const answerCharactersMax = 24_000
/** A longer text is cut in an answer that is over the budget. */
const textCharactersMax = 400

export type ToolAnswer = Readonly<Record<string, unknown>>

/** Refuses arguments, or reports what the tenant has refused. */
export class ToolError extends Error {}

export function toolError(message: string): CallToolResult {
  return { content: [{ type: 'text', text: message }], isError: true }
}

/** `answer` is JSON: no member of it is undefined. */
export function toolResult(answer: ToolAnswer): CallToolResult {
  const text = JSON.stringify(answer)
  if (text.length <= answerCharactersMax) return { content: [{ type: 'text', text }], structuredContent: answer }
  const cut = cutTexts(answer)
  const shorter = JSON.stringify(cut)
  if (shorter.length > answerCharactersMax || !isPlainObject(cut))
    throw new ToolError(
      `the answer has ${text.length} characters, and at most ${answerCharactersMax} fit: ask for fewer fields or entities, or return less`,
    )
  return { content: [{ type: 'text', text: shorter }], structuredContent: cut }
}

/** Cuts long texts at any depth, and says how long they are. */
export function cutTexts(value: unknown): unknown {
  if (typeof value === 'string')
    return value.length <= textCharactersMax
      ? value
      : `${value.slice(0, textCharactersMax).replace(/[\uD800-\uDBFF]$/, '')}… (${value.length} characters)`
  if (Array.isArray(value)) return value.map(cutTexts)
  if (!isPlainObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, cutTexts(inner)]))
}

/** Returns the answer's JSON. Throws a ToolError for a refusal. */
export function acceptedBody(reply: TenantReply): ToolAnswer {
  if (!reply.isOk) throw new ToolError(describeProblem(reply.body))
  return reply.body
}

export function describeProblem({ code, detail, field, logs }: ToolAnswer): string {
  const named = typeof field === 'string' && field !== '' ? ` (${field})` : ''
  const advice = field === 'type' ? types : typeof code === 'string' ? (adviceOf[code] ?? '') : ''
  const printed = Array.isArray(logs) && logs.length > 0 ? `\nlogs: ${JSON.stringify(logs).slice(0, 2_000)}` : ''
  return `${String(code)}${named}: ${String(detail)}${advice === '' ? '' : `. ${advice}`}${printed}`
}

const types = 'search without arguments lists the types.'
const schema = 'fetch with type Schema and the id of the entity type lists its fields and verbs.'

/** The next step after a refusal, by the problem's code. */
const adviceOf: Readonly<Record<string, string>> = {
  invalid_filter: schema,
  invalid_sort: schema,
  invalid_include: schema,
  invalid_fields: schema,
  validation_error: schema,
  unknown_verb: schema,
  invalid_transition: schema,
  not_found: 'search finds entities and their ids.',
  invalid_id: 'search finds entities and their ids.',
  invalid_cursor: 'Search again without cursor.',
  version_conflict: 'Read the entity again, and repeat the change.',
  read_conflict: 'Others changed what the code has read. Run it again.',
  unauthorized: 'Connect with a key or sign in.',
  forbidden: 'An owner of the tenant can grant this right.',
  approval_required: 'A person decides; do not try another way.',
  overloaded: 'Try again in a second.',
  not_connected: 'The owner of the tenant has to connect that service first.',
  plan_outdated: 'Repeat the dry run.',
}
