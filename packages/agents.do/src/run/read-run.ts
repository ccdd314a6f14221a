// A run as it is stored, read for its next round.

import type { ObjectParts } from '@dotdo/service'
import { isPlainObject, type JsonValue } from 'digital-objects'
import type { ChatMessage } from '../model/model.ts'
import type { Json } from './agent-tools.ts'

export interface Run {
  readonly id: string
  readonly version: number
  readonly fields: Json
  /** The id of the agent; undefined if it was deleted. */
  readonly agent: string | undefined
  readonly cause: string | undefined
  readonly messages: readonly ChatMessage[]
  readonly proposals: readonly JsonValue[]
  readonly rounds: number
  readonly attempts: number
}

/** Returns undefined unless the run is open and due. */
export function readDueRun(parts: ObjectParts, id: string, nowMs: number): Run | undefined {
  const run = readRun(parts, id)
  const { status, dueAt } = run?.fields ?? {}
  return status === 'Running' && typeof dueAt === 'string' && Date.parse(dueAt) <= nowMs ? run : undefined
}

/** Returns undefined unless the run waits for people. */
export function readWaitingRun(parts: ObjectParts, id: string): Run | undefined {
  const run = readRun(parts, id)
  return run?.fields['status'] === 'Waiting' ? run : undefined
}

function readRun(parts: ObjectParts, id: string): Run | undefined {
  const fields = parts.read(id)
  if (fields === undefined) return undefined
  const { agent, event, messages, proposals } = fields
  return {
    id,
    version: countOf(fields['$version']),
    fields,
    agent: typeof agent === 'string' ? agent : undefined,
    cause: typeof event === 'string' ? event : undefined,
    messages: Array.isArray(messages) ? (messages as unknown[]).filter(isMessage) : [],
    proposals: Array.isArray(proposals) ? (proposals as readonly JsonValue[]) : [],
    rounds: countOf(fields['rounds']),
    attempts: countOf(fields['attempts']),
  }
}

/** The server has stored it. */
function isMessage(value: unknown): value is ChatMessage {
  return isPlainObject(value) && typeof value['role'] === 'string' && typeof value['content'] === 'string'
}

export function countOf(value: JsonValue | undefined): number {
  return typeof value === 'number' ? value : 0
}
