// Validates the steps of a pipeline, received as JSON.

import { type Callback, expressionDepthMax, type JsonValue, type PipelineStep, pipelineStepsMax } from 'digital-objects'
import { type Fields, kindOf, parseFields, parseList, parseName, parseOneOf, unexpected } from './json-node.ts'
import { parseCallback } from './parse-expression.ts'

/** Throws an ObjectError `unsupported_expression` that names the path: `steps[2].callback.body.left`. */
export function parseSteps(value: unknown): readonly PipelineStep[] {
  const steps = parseList(value, 'steps', pipelineStepsMax)
  return steps.map((step, at) => parseStep(step, `steps[${at}]`))
}

const itemSteps = ['map', 'flatMap', 'filter', 'find', 'some', 'every'] as const

function parseStep(value: unknown, place: string): PipelineStep {
  const step = kindOf(value, place, 'step')
  switch (step) {
    case 'reduce': {
      const fields = parseFields(value, place, ['step', 'callback', 'initial', 'given'])
      const initial = parseJson(fields['initial'], `${place}.initial`)
      return { step, ...callbackOf(fields, place, 2), initial }
    }
    case 'sort': {
      const fields = parseFields(value, place, ['step', 'callback', 'given'])
      return fields['callback'] === undefined && fields['given'] === undefined
        ? { step }
        : { step, ...callbackOf(fields, place, 2) }
    }
    case 'slice': {
      const { start, end } = parseFields(value, place, ['step', 'start', 'end'])
      return {
        step,
        start: parseIndex(start, `${place}.start`),
        ...(end === undefined ? {} : { end: parseIndex(end, `${place}.end`) }),
      }
    }
    case 'member': {
      const { name } = parseFields(value, place, ['step', 'name'])
      return { step, name: parseName(name, `${place}.name`) }
    }
    default: {
      const name = parseOneOf(step, `${place}.step`, itemSteps)
      return { step: name, ...callbackOf(parseFields(value, place, ['step', 'callback', 'given']), place, 1) }
    }
  }
}

/** `given` becomes the last parameter of the callback. */
function callbackOf(
  fields: Fields,
  place: string,
  parameters: number,
): { readonly callback: Callback; readonly given?: JsonValue } {
  const hasGiven = fields['given'] !== undefined
  const parametersMax = hasGiven ? parameters + 1 : parameters
  const callback = parseCallback(fields['callback'], { place: `${place}.callback`, parametersMax })
  return hasGiven ? { callback, given: parseJson(fields['given'], `${place}.given`) } : { callback }
}

function parseIndex(value: unknown, place: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw unexpected(place, 'a whole number', value)
}

function parseJson(value: unknown, place: string): JsonValue {
  if (!isJson(value, 0)) throw unexpected(place, `JSON of at most ${expressionDepthMax} lists and objects deep`, value)
  return value
}

function isJson(value: unknown, depth: number): value is JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || depth === expressionDepthMax) return false
  return Object.values(value).every((inner) => isJson(inner, depth + 1))
}
