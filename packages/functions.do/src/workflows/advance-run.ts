// Performs the steps of a run that are due, each in a commit of its own together with the progress of the run. A crash between
// two commits repeats nothing: a run at another version than expected refuses the step.

import type { ObjectParts, ServiceAnswer } from '@dotdo/service'
import { isPlainObject, type JsonValue, ObjectError, type ObjectErrorData, objectErrorCodes } from 'digital-objects'
import type { Scope } from './expression.ts'
import { delayMs, type Json, parseWorkflow, type Plan, type Step } from './parse-workflow.ts'
import { type Operation, stepOperations } from './step-operations.ts'

/** Limits the steps that one call performs, before others have their turn. */
const stepsPerCallMax = 20
const logMax = 200
const errorCharactersMax = 2_000
/** Results of reads are a part of the run, whose size is limited. */
const resultCharactersMax = 200_000

interface Run {
  readonly id: string
  readonly version: number
  readonly fields: Json
  readonly plan: Plan
  readonly at: Position
}

interface Position {
  readonly step: number
  readonly item: number
  /** The delay of the step is over. */
  readonly isDelayed: boolean
  /** A step has failed, and fallback steps run. */
  readonly isFallback: boolean
}

/** Performs due steps until one waits, or the run has ended. */
export async function advanceRun(parts: ObjectParts, id: string): Promise<void> {
  for (let step = 0; step < stepsPerCallMax; step++) {
    const fields = parts.read(id)
    if (fields === undefined || !isDue(fields, parts.nowMs())) return
    try {
      await performStep(parts, readRun(id, fields))
    } catch (error) {
      // The steps were changed to what nobody understands after the workflow was activated.
      if (error instanceof ObjectError) return endFailed(parts, id, error.message)
      if (error instanceof Superseded) return
      throw error
    }
  }
}

/** Ends a run that cannot go on. */
export async function endFailed(parts: ObjectParts, id: string, error: string): Promise<void> {
  const { workflow } = parts.read(id) ?? {}
  const body = JSON.stringify({ error: error.slice(0, errorCharactersMax) })
  const by = { who: typeof workflow === 'string' ? workflow : 'system', via: 'workflow' } as const
  const answer = await parts.answer({ kind: 'write', noun: 'WorkflowRun', verb: 'fail', id, body }, by)
  // A run that is gone has ended as well.
  if (!answer.ok && answer.error.code !== 'not_found')
    throw new Error(`the run ${id} could not end: ${answer.error.message}`)
}

function isDue({ status, dueAt }: Json, nowMs: number): boolean {
  return isOpen(status) && typeof dueAt === 'string' && Date.parse(dueAt) <= nowMs
}

export function isOpen(status: JsonValue | undefined): boolean {
  return status === 'Running' || status === 'Waiting'
}

/** Throws an ObjectError if the plan is no plan. */
function readRun(id: string, fields: Json): Run {
  const position = isPlainObject(fields['position']) ? fields['position'] : {}
  const { step = 0, item = 0, isDelayed = false, isFallback = false } = position as Partial<Position>
  const plan = isPlainObject(fields['plan']) ? (fields['plan'] as Json) : {}
  const version = typeof fields['$version'] === 'number' ? fields['$version'] : 0
  return { id, version, fields, plan: parseWorkflow(plan), at: { step, item, isDelayed, isFallback } }
}

async function performStep(parts: ObjectParts, run: Run): Promise<void> {
  const { plan, at } = run
  const step = plan.steps[at.step]
  if (step === undefined) return end(parts, run)
  if (plan.timeoutMs !== undefined && parts.nowMs() - Date.parse(String(run.fields['startedAt'])) > plan.timeoutMs)
    return finish(parts, run, { verb: 'fail', body: { error: `the run took more than ${plan.timeoutMs} ms` } })
  if (step.isFallback !== at.isFallback) return progress(parts, run, { position: next(at) })
  if (step.delay !== undefined && !at.isDelayed) {
    const dueMs = delayMs(step.delay, parts.nowMs()) ?? parts.nowMs()
    return progress(parts, run, { position: { ...at, isDelayed: true }, status: 'Waiting', dueAt: isoOf(dueMs) })
  }
  if (step.action === undefined) return progress(parts, run, { position: next(at) })
  try {
    if (step.flag !== undefined && !(await isOn(parts, run, step.flag))) {
      const log = logged(parts, run, { step: at.step, skipped: step.flag })
      return await progress(parts, run, { position: next(at), log })
    }
    await performAction(parts, run, { ...step, action: step.action })
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    await fail(parts, run, error.toData())
  }
}

/** The flag's value for the entity of the run, to which a percentage sticks. Throws an ObjectError if there is no such flag. */
async function isOn(parts: ObjectParts, run: Run, flag: string): Promise<boolean> {
  const { target, workflow } = run.fields
  const parameters = typeof target === 'string' ? { contact: target } : { userId: String(workflow) }
  const answer = await parts.answer(
    { kind: 'read', read: 'flag', id: flag, parameters },
    { who: String(workflow), via: 'workflow' },
  )
  if (!answer.ok) throw refusalOf(answer.error)
  const { value } = JSON.parse(answer.body) as { readonly value?: JsonValue } // the answer of our own read
  return value !== undefined && value !== null && value !== false && value !== ''
}

type ActionStep = Step & { readonly action: NonNullable<Step['action']> }

/** Throws an ObjectError if the step is refused. */
async function performAction(parts: ObjectParts, run: Run, step: ActionStep): Promise<void> {
  const { noun, verb } = step.action
  const schema = parts.lookup(noun)
  if (schema === undefined) throw new ObjectError({ code: 'not_found', message: `there is no entity type '${noun}'` })
  const target = typeof run.fields['target'] === 'string' ? run.fields['target'] : undefined
  const asked = { step, scope: scopeOf(parts, run, step), schema, item: run.at.item, target }
  const { kind, operations, nextItem } = stepOperations(asked)
  const position = nextItem === undefined ? next(run.at) : { ...run.at, item: nextItem }
  const done = { position, log: logged(parts, run, { step: run.at.step, action: `${noun}.${verb}` }) }
  if (kind === 'write') {
    // A deletion answers without an entity.
    const written = verb === 'delete' ? [] : operations.map((_, at): Json => ({ $id: { $ref: `step${at}` } }))
    return progress(parts, run, { ...done, results: withResult(run, writeResult(run, step, written)), operations })
  }
  const [read] = operations
  const answer = read === undefined ? undefined : await send(parts, run, [read])
  if (answer?.ok !== true) throw refusalOf(answer?.error ?? { code: 'internal_error', message: 'no answer' })
  const [body] = bodiesOf(answer)
  return progress(parts, run, { ...done, results: withResult(run, readResult(body)) })
}

/** A list is kept, and of a count its number. */
function readResult(body: JsonValue | undefined): JsonValue {
  const { results, count } = isPlainObject(body) ? (body as Json) : {}
  const result = results ?? count ?? body ?? null
  if (JSON.stringify(result).length <= resultCharactersMax) return result
  throw new ObjectError({
    code: 'payload_too_large',
    message: `a step keeps at most ${resultCharactersMax} characters`,
  })
}

/** The results of the steps, with that of this one. */
function withResult({ fields, at }: Run, result: JsonValue): JsonValue {
  const results: JsonValue[] = Array.isArray(fields['results']) ? [...fields['results']] : []
  while (results.length < at.step) results.push(null)
  results[at.step] = result
  return results
}

/** The entity that a step wrote, or the list of those that it has written if it repeats. */
function writeResult({ fields, at }: Run, step: ActionStep, written: readonly Json[]): JsonValue {
  if (step.forEach === undefined) return written[0] ?? null
  const results: readonly JsonValue[] = Array.isArray(fields['results']) ? fields['results'] : []
  const earlier = results[at.step]
  return [...(at.item > 0 && Array.isArray(earlier) ? earlier : []), ...written]
}

function scopeOf(parts: ObjectParts, { fields, at }: Run, step: Step): Scope {
  const { target, input, event, eventType, workflow } = fields
  const entity = typeof target === 'string' ? parts.read(target) : undefined
  const type = typeof eventType === 'string' ? (eventType.split('.')[0] ?? '') : ''
  const results = Array.isArray(fields['results']) ? (fields['results'] as readonly JsonValue[]) : []
  const own: Json = { ...entity, ...(typeof target === 'string' ? { $id: target } : {}) }
  const names: Record<string, JsonValue> = {
    ...(type === '' ? {} : { [type.slice(0, 1).toLowerCase() + type.slice(1)]: own }),
    entity: own,
    input: input ?? null,
    event: { id: event ?? null, type: eventType ?? null, target: target ?? null },
    workflow: { $id: workflow ?? null },
    step: [...results],
    results: results[at.step - 1] ?? null,
  }
  return { names, from: step.from, read: parts.read }
}

function next(at: Position): Position {
  return { step: at.step + 1, item: 0, isDelayed: false, isFallback: at.isFallback }
}

interface Progress {
  readonly position?: Position
  readonly status?: 'Running' | 'Waiting'
  readonly dueAt?: string
  readonly results?: JsonValue
  readonly attempts?: number
  readonly error?: string
  readonly log?: JsonValue
  readonly operations?: readonly Operation[]
}

/** Records the progress in one commit with the operations. Throws an ObjectError if an operation is refused. */
async function progress(parts: ObjectParts, run: Run, { operations = [], ...change }: Progress): Promise<void> {
  const body = { status: 'Running', attempts: 0, dueAt: isoOf(parts.nowMs()), ...change } as unknown as Json
  const record = { method: 'PATCH', path: `/WorkflowRun/${run.id}`, body, ifVersion: run.version } as const
  const answer = await send(parts, run, [...operations, record])
  if (!answer.ok) throw refusalOf(answer.error)
}

/** Somebody else performed the step, such as this program before it was ended. */
class Superseded extends Error {}

/** Refusals that say nothing about the step: the handler or the job tries again. */
const passingCodes: readonly string[] = ['overloaded', 'storage_full', 'timeout', 'read_conflict']

function refusalOf(error: ObjectErrorData): Error {
  const cause = causeOf(error)
  if (passingCodes.includes(cause.code)) return new Error(cause.message)
  return cause.code === 'version_conflict' ? new Superseded() : new ObjectError(cause)
}

/** The refusal of the operation, which a batch names among its details. */
function causeOf(error: ObjectErrorData): ObjectErrorData {
  const [first] = Array.isArray(error.detail?.['details']) ? error.detail['details'] : []
  const problem = isPlainObject(first) ? first['problem'] : undefined
  if (!isPlainObject(problem) || typeof problem['detail'] !== 'string') return error
  const code = objectErrorCodes.find((one) => one === problem['code']) ?? error.code
  return { code, message: problem['detail'] }
}

async function fail(parts: ObjectParts, run: Run, { message }: ObjectErrorData): Promise<void> {
  const { plan, at, fields } = run
  const attempts = (typeof fields['attempts'] === 'number' ? fields['attempts'] : 0) + 1
  const log = logged(parts, run, { step: at.step, error: message })
  if (attempts < plan.retry.maxAttempts) {
    const { backoff } = plan.retry
    const waitMs = (delayMs(backoff, 0) ?? 0) * 2 ** (attempts - 1)
    const dueAt = isoOf(parts.nowMs() + waitMs)
    return progress(parts, run, { status: 'Waiting', attempts, dueAt, error: message, log })
  }
  if (plan.errorHandling === 'Continue') return progress(parts, run, { position: next(at), error: message, log })
  if (plan.errorHandling === 'Fallback' && !at.isFallback)
    return progress(parts, run, {
      position: { step: 0, item: 0, isDelayed: false, isFallback: true },
      error: message,
      log,
    })
  await finish(parts, run, { verb: 'fail', body: { error: message, log } })
}

/** A run that continued after a failure has succeeded; one that fell back has failed. */
function end(parts: ObjectParts, run: Run): Promise<void> {
  return finish(parts, run, { verb: run.at.isFallback ? 'fail' : 'succeed', body: {} })
}

async function finish(
  parts: ObjectParts,
  run: Run,
  { verb, body }: { readonly verb: 'succeed' | 'fail'; readonly body: Json },
): Promise<void> {
  const path = `/WorkflowRun/${run.id}/${verb}`
  const answer = await send(parts, run, [{ method: 'POST', path, body, ifVersion: run.version }])
  if (!answer.ok) throw refusalOf(answer.error)
}

function logged(parts: ObjectParts, { fields }: Run, entry: Json): JsonValue {
  const log: readonly JsonValue[] = Array.isArray(fields['log']) ? fields['log'] : []
  return [...log, { ...entry, at: isoOf(parts.nowMs()) }].slice(-logMax)
}

/** Sends the operations as one commit of the workflow. The last one, which records progress, expects the run as it was read. */
function send(parts: ObjectParts, run: Run, operations: readonly Operation[]): Promise<ServiceAnswer> {
  const { workflow, event } = run.fields
  const batch = { operations: operations.map((one, at) => ({ id: `step${at}`, ...one })) }
  return parts.answer(
    { kind: 'write', noun: '', verb: 'batch', body: JSON.stringify(batch) },
    { who: String(workflow), via: 'workflow', ...(typeof event === 'string' ? { causedBy: event } : {}) },
  )
}

function bodiesOf(answer: ServiceAnswer & { readonly ok: true }): readonly JsonValue[] {
  const { results } = JSON.parse(answer.body) as { readonly results?: readonly { readonly body?: JsonValue }[] }
  return (results ?? []).flatMap(({ body }) => (body === undefined ? [] : [body]))
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}
