// Starts runs: AFTER handlers that make a run of each task that a verb or an event gives an agent. A run is created under a key of
// agent and event, so that a handler that runs twice starts one run.

import type { AfterHandler, ObjectParts } from '@dotdo/service'
import { isPlainObject, type JsonValue, type ObjectEvent } from 'digital-objects'
import type { Listeners } from './triggers.ts'

/** Agents whose writes start each other's runs stop at this depth. */
const depthMax = 5
/** Runs of a tenant that are open at a time. The events of further ones wait in the outbox. */
const openMax = 1_000

const taskVerbs: Readonly<Record<string, string>> = {
  'Agent.Done': 'do',
  'Agent.Asked': 'ask',
  'Agent.Decided': 'decide',
  'Agent.Invoked': 'invoke',
  'Agent.Reflected': 'reflect',
  'Agent.Deployed': 'deploy',
  'Agent.Delegated': 'delegate',
}

/** A run waits for the connection, for a place, or for its agent to be deployed, for six hours. */
const retry = { firstMs: 1_000, factor: 4, maxMs: 3_600_000, attemptsMax: 12 } as const

export function startRuns(parts: ObjectParts, listeners: Listeners): readonly AfterHandler[] {
  return [
    {
      id: 'agents.do/tasks',
      handles: ({ type }) => Object.hasOwn(taskVerbs, type),
      retry,
      run: async (event) => {
        const run = isOfPast(event) ? undefined : calledRun(event)
        if (run === undefined) return
        const { actor, onBehalfOf, key } = event
        await createRun(parts, event, { ...run, askedBy: onBehalfOf ?? actor, askedWith: key })
      },
    },
    {
      id: 'agents.do/triggers',
      handles: (event) => listeners.for(event).length > 0,
      retry,
      run: async (event) => {
        if (isOfPast(event)) return
        for (const { agent, trigger } of listeners.for(event)) {
          // An agent does not react to itself.
          if (agent === event.actor) continue
          const input = trigger.task === undefined ? undefined : { task: trigger.task }
          await createRun(parts, event, { agent, target: event.target, input })
        }
      },
    },
  ]
}

/** Loaded history and undone events give no tasks. */
function isOfPast({ via, undoes }: ObjectEvent): boolean {
  return via === 'history' || undoes !== undefined
}

interface NewRun {
  readonly agent: string
  readonly verb?: string
  readonly target?: string
  readonly input?: JsonValue | undefined
  /** Absent for the task of a trigger, which is written with the agent. */
  readonly askedBy?: string
  readonly askedWith?: string | undefined
}

/** Returns undefined for a verb without a task. */
function calledRun({ type, target, data, timestamp }: ObjectEvent): NewRun | undefined {
  const verb = taskVerbs[type] ?? ''
  if (verb === 'reflect') return { agent: target, verb }
  const { lastCall } = data
  // Another verb has stored an earlier call.
  if (!isPlainObject(lastCall) || lastCall['at'] !== timestamp) return undefined
  const { at: _at, to, ...input } = lastCall as Readonly<Record<string, JsonValue>>
  if (verb === 'deploy' && input['task'] === undefined) return undefined
  if (verb !== 'delegate') return { agent: target, verb, input }
  return typeof to === 'string' && to.startsWith('agent_') ? { agent: to, verb: 'do', input } : undefined
}

async function createRun(parts: ObjectParts, event: ObjectEvent, { agent, ...run }: NewRun): Promise<void> {
  if (parts.earliest('AgentRun', { field: 'dueAt', limit: openMax }).length >= openMax)
    throw new Error(`${openMax} runs of agents are open; this one waits`)
  const isTooDeep = parts.causesOf(event.commit, depthMax) >= depthMax
  const now = new Date().toISOString()
  const body = {
    agent,
    ...run,
    actsFor: parts.read(agent)?.['owner'] ?? agent,
    event: event.id,
    eventType: event.type,
    startedAt: now,
    ...(isTooDeep ? { status: 'Failed', endedAt: now, error: tooDeep } : { dueAt: now }),
  }
  const answer = await parts.answer(
    {
      kind: 'write',
      noun: 'AgentRun',
      verb: 'create',
      body: JSON.stringify(body),
      idempotencyKey: `run ${agent} ${event.id}`,
    },
    { who: 'system', via: 'job', causedBy: event.id },
  )
  // The agent was deleted meanwhile.
  if (!answer.ok && answer.error.code !== 'invalid_reference')
    throw new Error(`a run of ${agent} was not started: ${answer.error.message}`)
}

const tooDeep = `agents start each other for at most ${depthMax} levels`
