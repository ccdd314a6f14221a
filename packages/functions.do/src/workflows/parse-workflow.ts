// The steps and rules of a workflow, parsed from its `json` fields. The form is checked when the workflow is activated, so that
// a run meets no step that it cannot understand.

import { addDuration, isPlainObject, type JsonValue, nearestName, ObjectError, parseDuration } from 'digital-objects'

export type Json = Readonly<Record<string, JsonValue>>

export interface Step {
  /** `Deal.create`; absent for a step that only waits. */
  readonly action?: { readonly noun: string; readonly verb: string }
  /** Maps a field or argument to an expression. */
  readonly mapping: Json
  /** Fields and arguments that are taken as they are. */
  readonly values: Json
  /** Paths in expressions start here first: `deal`. */
  readonly from?: string
  /** A path to a list, for each item of which the step is performed. */
  readonly forEach?: string
  /** The key of the feature flag without which the step is left out. */
  readonly flag?: string
  /** The wait before the step: `2d`, `PT1H`. */
  readonly delay?: string
  /** The step runs only after a failure, if errors are handled by `Fallback`. */
  readonly isFallback: boolean
}

export interface Plan {
  readonly steps: readonly Step[]
  readonly errorHandling: 'Stop' | 'Continue' | 'Fallback'
  readonly retry: { readonly maxAttempts: number; readonly backoff: string }
  /** The longest time from the start of a run to its end, waits included. */
  readonly timeoutMs: number | undefined
}

const stepsMax = 50
const attemptsMax = 10
const keys = ['action', 'mapping', 'from', 'forEach', 'flag', 'delay', 'fallback']
const units: Readonly<Record<string, string>> = { s: 'PT#S', m: 'PT#M', h: 'PT#H', d: 'P#D', w: 'P#W' }

/** Throws an ObjectError `validation_error` that names the field. `fields` are those of the workflow. */
export function parseWorkflow(fields: Json): Plan {
  const { steps = [], errorHandling = 'Stop', retryPolicy, retry, timeout } = fields
  if (!Array.isArray(steps) || steps.length > stepsMax)
    throw invalid('steps', `expects a list of at most ${stepsMax} steps`)
  const handling = (['Stop', 'Continue', 'Fallback'] as const).find((one) => one === errorHandling)
  return {
    steps: steps.map((step: JsonValue, at) => parseStep(step, `steps[${at}]`)),
    errorHandling: handling ?? 'Stop',
    retry: parseRetry(retryPolicy ?? retry),
    timeoutMs: typeof timeout === 'number' && timeout > 0 ? timeout : undefined,
  }
}

function parseStep(value: JsonValue, place: string): Step {
  if (!isPlainObject(value)) throw invalid(place, 'expects an object such as {"action":"Deal.create"}')
  const step = value as Json
  const { action, mapping = {}, from, forEach, flag, delay, fallback = false } = step
  if (!isPlainObject(mapping)) throw invalid(`${place}.mapping`, 'expects an object of fields')
  if (delay !== undefined && delayMs(delay, 0) === undefined)
    throw invalid(`${place}.delay`, `expects a duration such as 2d or PT1H, got ${JSON.stringify(delay).slice(0, 40)}`)
  for (const [name, path] of Object.entries({ from, forEach }))
    if (path !== undefined && typeof path !== 'string') throw invalid(`${place}.${name}`, 'expects a path')
  if (flag !== undefined && (typeof flag !== 'string' || flag === ''))
    throw invalid(`${place}.flag`, 'expects the key of a feature flag')
  if (typeof fallback !== 'boolean') throw invalid(`${place}.fallback`, 'expects true or false')
  const parsed = action === undefined ? undefined : parseAction(action, `${place}.action`)
  if (parsed === undefined && delay === undefined)
    throw invalid(`${place}.action`, 'expects an action such as Deal.create')
  return {
    ...(parsed === undefined ? {} : { action: parsed }),
    mapping,
    values: Object.fromEntries(Object.entries(step).filter(([name]) => !keys.includes(name))),
    ...(typeof from === 'string' ? { from } : {}),
    ...(typeof forEach === 'string' ? { forEach } : {}),
    ...(typeof flag === 'string' ? { flag } : {}),
    ...(typeof delay === 'string' ? { delay } : {}),
    isFallback: fallback,
  }
}

function parseAction(action: JsonValue, field: string): { readonly noun: string; readonly verb: string } {
  if (action === 'webhook')
    throw new ObjectError({
      code: 'not_connected',
      field,
      message: `a step with the action 'webhook' needs the connection 'webhooks', and this server has none: nothing was changed`,
      detail: { connection: 'webhooks' },
    })
  const [, noun, verb] = /^([A-Z][A-Za-z0-9]*)\.([a-z][A-Za-z0-9]*)$/.exec(String(action)) ?? []
  if (noun === undefined || verb === undefined)
    throw invalid(field, `expects an action such as Deal.create, got ${JSON.stringify(action).slice(0, 64)}`)
  return { noun, verb }
}

function parseRetry(value: JsonValue | undefined): Plan['retry'] {
  if (value === undefined) return { maxAttempts: 1, backoff: '1m' }
  if (!isPlainObject(value)) throw invalid('retry', 'expects an object such as {"maxAttempts":3,"backoff":"1m"}')
  const { maxAttempts = 1, backoff = '1m', ...others } = value as Json
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) {
    const nearest = nearestName(unknown, ['maxAttempts', 'backoff'])
    throw invalid(
      `retry.${unknown.slice(0, 64)}`,
      `is unknown${nearest === undefined ? '' : `; did you mean '${nearest}'?`}`,
    )
  }
  if (typeof maxAttempts !== 'number' || !Number.isInteger(maxAttempts) || maxAttempts < 1 || maxAttempts > attemptsMax)
    throw invalid('retry.maxAttempts', `expects a whole number from 1 to ${attemptsMax}`)
  if (typeof backoff !== 'string' || delayMs(backoff, 0) === undefined)
    throw invalid('retry.backoff', 'expects a duration such as 30s')
  return { maxAttempts, backoff }
}

/** Returns the time after a delay such as `2d`, `1w` or `PT1H`; undefined if it is none. */
export function delayMs(delay: JsonValue, fromMs: number): number | undefined {
  if (typeof delay !== 'string') return undefined
  const [, count, unit] = /^(\d{1,6})([smhdw])$/.exec(delay) ?? []
  const text = count === undefined || unit === undefined ? delay : (units[unit] ?? '').replace('#', count)
  const duration = parseDuration(text)
  return duration === undefined ? undefined : addDuration(fromMs, duration)
}

export function invalid(field: string, message: string): ObjectError {
  return new ObjectError({
    code: 'validation_error',
    field,
    message: `Workflow: field '${field}' ${message}`,
    faults: [{ field, message }],
  })
}
