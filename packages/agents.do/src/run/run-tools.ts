// Performs the tool calls of an answer, with the agent's own authority. A write has a key of run, round and place, so that it is
// made once, however often a crash repeats the round.

import type { Acting, ObjectParts } from '@dotdo/service'
import { isPlainObject, type JsonValue, tryParseJson } from 'digital-objects'
import type { ChatMessage, ToolCall } from '../model/model.ts'
import { argumentsOf, toolToCall } from './agent-tools.ts'
import type { Run } from './read-run.ts'
import { toolResult } from './tool-result.ts'

export interface ToolsRun {
  readonly parts: ObjectParts
  readonly acting: Acting
  readonly run: Run
  readonly isManual: boolean
}

export interface ToolsDone {
  readonly messages: readonly ChatMessage[]
  /** Writes that wait for a person, or that are recommended. */
  readonly proposals: readonly JsonValue[]
}

export async function runTools(of: ToolsRun, calls: readonly ToolCall[]): Promise<ToolsDone> {
  const messages: ChatMessage[] = []
  const proposals: JsonValue[] = []
  for (const [at, called] of calls.entries()) {
    const { content, proposal } = await runTool(of, called, at)
    messages.push({ role: 'tool', tool_call_id: called.id, content })
    if (proposal !== undefined) proposals.push(proposal)
  }
  return { messages, proposals }
}

async function runTool(
  { parts, acting, run, isManual }: ToolsRun,
  called: ToolCall,
  at: number,
): Promise<{ readonly content: string; readonly proposal?: JsonValue }> {
  const key = `run ${run.id} ${run.rounds}.${at}`
  const call = toolToCall(called, { nouns: parts.nouns(), key, isDryRun: isManual })
  if (typeof call === 'string') return { content: call }
  const by = { via: 'job', ...(run.cause === undefined ? {} : { causedBy: run.cause }) } as const
  const answer = await acting.answer(call, by)
  const content = toolResult(called.function.name, answer)
  if (call.kind !== 'write') return { content }
  const write = argumentsOf(called) ?? {}
  if (!answer.ok) {
    const approval = answer.error.detail?.['approval']
    return typeof approval === 'string' ? { content, proposal: { approval, ...write } } : { content }
  }
  if (!isManual) return { content }
  const tried = tryParseJson(answer.body)
  const refusals = isPlainObject(tried) && Array.isArray(tried['refusals']) ? tried['refusals'] : []
  return refusals.length > 0 ? { content } : { content, proposal: write }
}
