// Parses the answer of a chat API. Servers differ in what they leave out; whatever is not as expected is refused.

import { isPlainObject, tryParseJson } from 'digital-objects'
import { type ChatRequest, type Completion, estimateTokens, ModelRefused, type ToolCall } from './model.ts'

/** Calls that one answer may make. */
const toolCallsMax = 16

/** Throws a ModelRefused. */
export function parseCompletion(text: string, { messages, tools }: ChatRequest): Completion {
  const body = tryParseJson(text)
  const [choice] = isPlainObject(body) && Array.isArray(body['choices']) ? (body['choices'] as readonly unknown[]) : []
  const message = isPlainObject(choice) ? choice['message'] : undefined
  if (!isPlainObject(body) || !isPlainObject(message))
    throw new ModelRefused('the model gave an answer without a message', { isPermanent: false })
  const { content, tool_calls: calls } = message
  const toolCalls = Array.isArray(calls) ? calls.slice(0, toolCallsMax).map(parseToolCall) : []
  const said = typeof content === 'string' ? content : ''
  const usage = isPlainObject(body['usage']) ? body['usage'] : {}
  return {
    message: { role: 'assistant', content: said, ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }) },
    inputTokens: countOf(usage['prompt_tokens']) ?? estimateTokens(JSON.stringify([messages, tools])),
    outputTokens: countOf(usage['completion_tokens']) ?? estimateTokens(JSON.stringify([said, toolCalls])),
  }
}

/** Some servers give the arguments as an object, or no id. */
function parseToolCall(value: unknown, at: number): ToolCall {
  const called = isPlainObject(value) ? value['function'] : undefined
  if (!isPlainObject(value) || !isPlainObject(called) || typeof called['name'] !== 'string')
    throw new ModelRefused('the model called a tool without a name', { isPermanent: false })
  const given = called['arguments']
  return {
    id: typeof value['id'] === 'string' && value['id'] !== '' ? value['id'] : `call_${at}`,
    type: 'function',
    function: { name: called['name'], arguments: typeof given === 'string' ? given : JSON.stringify(given ?? {}) },
  }
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
