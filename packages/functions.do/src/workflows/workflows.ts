// Workflows: steps that run on an event or by hand. The handler starts runs and performs what is due at once; the job continues
// runs that waited, or whose process has died.

import { type BeforeHook, guardSuccess, type Job, type ObjectParts, type RetryRule, type Service } from '@dotdo/service'
import { type EntityFields, nearestName, ObjectError, parseEventPattern, requireKnownTypes } from 'digital-objects'
import { advanceRun, endFailed, isOpen } from './advance-run.ts'
import { checkConditions } from './conditions.ts'
import { invalid, parseWorkflow } from './parse-workflow.ts'
import { startRuns } from './start-runs.ts'
import { WorkflowRun } from './workflow-run.ts'

export const workflowParts: Required<Pick<Service, 'nouns' | 'hooks' | 'jobs'>> = {
  nouns: [WorkflowRun.$schema],
  hooks: (parts) => ({
    before: [checkedWorkflow(parts), guardSuccess({ noun: 'WorkflowRun', isServer: isOfWorkflow })],
    after: [startRuns({ parts, advance: (run) => advanceOnce(parts, run) })],
  }),
  jobs: (_, parts) => [new WorkflowJob(parts)],
}

/** The server performs a run as its workflow. */
function isOfWorkflow(actor: string, { workflow }: EntityFields): boolean {
  return actor === workflow || actor === 'system'
}

/** The runs that are being performed in each tenant's object, which the job must not perform as well. */
const performed = new WeakMap<ObjectParts, Set<string>>()

function performedIn(parts: ObjectParts): Set<string> {
  const runs = performed.get(parts) ?? new Set()
  performed.set(parts, runs)
  return runs
}

async function advanceOnce(parts: ObjectParts, run: string): Promise<void> {
  const runs = performedIn(parts)
  if (runs.has(run)) return
  runs.add(run)
  try {
    await advanceRun(parts, run)
  } finally {
    runs.delete(run)
  }
}

/** Limits the runs that are looked at for one that is not being performed. */
const dueMax = 50

class WorkflowJob implements Job {
  readonly name = 'workflows'
  readonly clock = 'tenant'
  readonly lane = 'workflows'
  readonly retry: RetryRule = { firstMs: 1_000, factor: 2, maxMs: 600_000, attemptsMax: 6 }
  readonly #parts: ObjectParts

  constructor(parts: ObjectParts) {
    this.#parts = parts
  }

  dueMs(): number | undefined {
    return this.#next()?.dueMs
  }

  eventAppended({ type }: { readonly type: string }, nowMs: number): number | undefined {
    return type.startsWith('WorkflowRun.') ? nowMs : undefined
  }

  async step(nowMs: number): Promise<boolean> {
    const next = this.#next()
    if (next === undefined || next.dueMs > nowMs) return false
    await advanceOnce(this.#parts, next.id)
    return true
  }

  /** Ends a run that keeps failing by a fault of this code, so that it does not hold up the others. */
  async park(message: string): Promise<void> {
    const next = this.#next()
    if (next !== undefined) await endFailed(this.#parts, next.id, message)
  }

  #next(): { readonly id: string; readonly dueMs: number } | undefined {
    const runs = performedIn(this.#parts)
    const due = this.#parts.earliest('WorkflowRun', { field: 'dueAt', limit: dueMax })
    // A caller may give a run that has ended a due time.
    return due.find(({ id }) => !runs.has(id) && isOpen(this.#parts.read(id)?.['status']))
  }
}

/** Refuses to activate a workflow whose runs could only fail. */
function checkedWorkflow(parts: ObjectParts): BeforeHook {
  const { lookup } = parts
  return {
    id: 'functions.do/workflow-is-complete',
    applies: (noun, verb) => noun === 'Workflow' && verb === 'activate',
    run: (fields) => {
      checkTrigger(fields, parts)
      checkConditions(fields['conditions'])
      for (const [at, { action }] of parseWorkflow(fields).steps.entries()) {
        if (action === undefined) continue
        const field = `steps[${at}].action`
        const schema = lookup(action.noun)
        if (schema === undefined) throw invalid(field, `names the unknown entity type '${action.noun}'`)
        const verbs = [...Object.keys(schema.verbs), 'get', 'find', 'count']
        if (verbs.includes(action.verb)) continue
        const nearest = nearestName(action.verb, verbs)
        const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`
        throw invalid(field, `names the unknown verb '${action.verb}' of ${action.noun}${hint}`)
      }
    },
  }
}

function checkTrigger({ triggerEvent }: EntityFields, parts: ObjectParts): void {
  if (typeof triggerEvent !== 'string') return
  try {
    requireKnownTypes(
      parseEventPattern(triggerEvent),
      parts.nouns().map(({ name }) => name),
    )
  } catch (error) {
    if (error instanceof ObjectError) throw invalid('triggerEvent', error.message.replace(/^type /, ''))
    throw error
  }
}
