// Starts runs: an AFTER handler that compares each event with the workflows that are active. A run is an entity, created under a
// key of workflow and event, so that a handler that runs twice starts one run.

import type { AfterHandler, ObjectParts } from '@dotdo/service'
import { matchesEventPattern, type ObjectEvent, ObjectError, parseEventPattern } from 'digital-objects'
import { holdConditions } from './conditions.ts'
import type { Json } from './parse-workflow.ts'

/** Limits the workflows that listen at a time. */
const workflowsMax = 1_000
/** Limits the runs that start each other. */
export const depthMax = 8

export interface StartRunsOptions {
  readonly parts: ObjectParts
  /** Performs the steps of a run that are due. */
  readonly advance: (run: string) => Promise<void>
}

export function startRuns({ parts, advance }: StartRunsOptions): AfterHandler {
  const start = async (run: NewRun): Promise<void> => {
    const id = await createRun(parts, run)
    if (id !== undefined) await advance(id)
  }
  return {
    id: 'functions.do/workflows',
    handles: ({ type, target }) =>
      type === 'Workflow.Triggered' || (!isOfWorkflows(type) && listening(parts, { type, target }).length > 0),
    run: async (event) => {
      if (event.type === 'Workflow.Triggered') {
        // An event that started a run has triggered the workflow by an effect of that run.
        if (event.via !== 'effect') await start(calledRun(event))
        return
      }
      for (const { id, fields } of listening(parts, event))
        if (holdConditions(fields['conditions'], event.data)) await start(eventRun(parts, { workflow: id, event }))
    },
  }
}

/** Workflows do not listen to themselves. */
function isOfWorkflows(type: string): boolean {
  return type.startsWith('Workflow.') || type.startsWith('WorkflowRun.')
}

function listening(
  parts: ObjectParts,
  event: { readonly type: string; readonly target: string },
): readonly { readonly id: string; readonly fields: Json }[] {
  const ids = parts.idsWith('Workflow', { field: 'status', value: 'Activated', limit: workflowsMax })
  return ids.flatMap((id) => {
    const fields = parts.read(id)
    const pattern = fields?.['triggerEvent']
    return fields !== undefined && typeof pattern === 'string' && isMatch(pattern, event) ? [{ id, fields }] : []
  })
}

function isMatch(pattern: string, event: { readonly type: string; readonly target: string }): boolean {
  try {
    return matchesEventPattern(parseEventPattern(pattern), event)
  } catch (error) {
    // A workflow from before patterns were checked listens to nothing.
    if (error instanceof ObjectError) return false
    throw error
  }
}

interface NewRun {
  readonly workflow: string
  readonly cause: 'Event' | 'Call'
  readonly event: Pick<ObjectEvent, 'id' | 'type' | 'target'>
  readonly depth: number
  readonly input?: Json[string]
}

function calledRun(event: ObjectEvent): NewRun {
  const { target, data } = event
  const input = data['lastInput']
  const of = { workflow: target, cause: 'Call', event, depth: 0 } as const
  return input === undefined ? of : { ...of, input }
}

function eventRun(
  parts: ObjectParts,
  { workflow, event }: { readonly workflow: string; readonly event: ObjectEvent },
): NewRun {
  return { workflow, cause: 'Event', event, depth: depthOf(parts, event) }
}

/** An event of a commit that a run made is one level deeper than that run. */
function depthOf(parts: ObjectParts, event: ObjectEvent): number {
  const start = parts.commitStart(event.commit)
  if (start?.via !== 'workflow' || start.causedBy === null) return 0
  const runs = parts.idsWith('WorkflowRun', { field: 'event', value: start.causedBy, limit: workflowsMax })
  const depths = runs.flatMap((id) => {
    const run = parts.read(id)
    return run?.['workflow'] === start.actor && typeof run['depth'] === 'number' ? [run['depth']] : []
  })
  return 1 + Math.max(0, ...depths)
}

/** Returns undefined if the workflow no longer runs. */
async function createRun(parts: ObjectParts, run: NewRun): Promise<string | undefined> {
  const { workflow, cause, event, depth, input } = run
  const fields = parts.read(workflow)
  if (fields === undefined || fields['status'] === 'Archived') return undefined
  const { steps, errorHandling, retryPolicy, retry, timeout } = fields
  const now = new Date(parts.nowMs()).toISOString()
  const isTooDeep = depth > depthMax
  const body = {
    workflow,
    cause,
    event: event.id,
    eventType: event.type,
    target: cause === 'Event' ? event.target : undefined,
    depth,
    input,
    plan: { steps: steps ?? [], errorHandling, retryPolicy: retryPolicy ?? retry, timeout },
    startedAt: now,
    dueAt: now,
  }
  const answer = await parts.answer(
    {
      kind: 'write',
      noun: 'WorkflowRun',
      verb: 'create',
      body: JSON.stringify(isTooDeep ? { ...body, ...tooDeep(now) } : body),
      idempotencyKey: `run ${event.id}`,
    },
    { who: workflow, via: 'workflow', causedBy: event.id },
  )
  if (answer.ok) return isTooDeep ? undefined : String((JSON.parse(answer.body) as Json)['$id'])
  // The workflow was paused or deleted meanwhile.
  if (['not_found', 'invalid_transition', 'invalid_reference'].includes(answer.error.code)) return undefined
  throw new Error(`a run of ${workflow} was not started: ${answer.error.message}`)
}

/** The run is in the log of runs, so that somebody can see why nothing happened. */
function tooDeep(now: string): Json {
  return {
    status: 'Failed',
    error: `workflows start each other for at most ${depthMax} levels`,
    endedAt: now,
    // A run without a due time never continues.
    dueAt: null,
  }
}
