// Runs the steps of a pipeline, one after another, on the result of its read.

import {
  type JsonException,
  type NounLookup,
  type NounSchema,
  type PipelineStep,
  valueToJson,
  unreachable,
} from 'digital-objects'
import type { EntityVersion } from '../entities/entity-version.ts'
import type { RelatedReader } from '../entities/includes.ts'
import type { Shape } from '../entities/read-request.ts'
import { describeValue } from './describe-value.ts'
import { type EntitySource, EntityValue } from './entity-value.ts'
import { evaluateCallback } from './evaluate.ts'
import type { EvaluationContext } from './evaluation-context.ts'
import { flatMap, sortAsTexts, sortBy } from './list-methods.ts'
import { isTruthy } from './operators.ts'
import { readMember } from './read-member.ts'
import { isList, type Value } from './value.ts'

export interface PipelineRun {
  readonly reader: RelatedReader
  readonly lookup: NounLookup
  readonly noun: NounSchema
  /** The start of the pipeline: a list of entities, or a single one. */
  readonly found: readonly EntityVersion[] | EntityVersion
  readonly shape: Shape
  /** Steps that `parseSteps` has checked. */
  readonly steps: readonly PipelineStep[]
  readonly context: EvaluationContext
}

export interface PipelineResult {
  /** The result as JSON. */
  readonly body: string
  /** Values in the result that JSON cannot express. */
  readonly exceptions: readonly JsonException[]
}

const resultCharactersMax = 8 * 2 ** 20

export function runPipeline(run: PipelineRun): PipelineResult {
  const { reader, lookup, noun, found, shape, steps, context } = run
  const source: EntitySource = { reader, lookup, context, referred: new Map() }
  const entityOf = (version: EntityVersion): EntityValue => new EntityValue({ schema: noun, version, source, shape })
  let value: Value = 'id' in found ? entityOf(found) : found.map(entityOf)
  for (const [at, step] of steps.entries()) {
    context.place = `steps[${at}]`
    context.step = step.step === 'member' ? `.${step.name}` : step.step
    value = takeStep(value, step, context)
  }
  const jsonOf = (inner: object): string | undefined => (inner instanceof EntityValue ? inner.toJson() : undefined)
  const { json, exceptions } = valueToJson(value, { jsonOf, charactersMax: resultCharactersMax })
  return { body: json, exceptions }
}

function takeStep(value: Value, step: PipelineStep, context: EvaluationContext): Value {
  if (step.step === 'member') return readMember(value, step.name, context)
  if (!isList(value)) throw context.refusal(`expects a list, got ${describeValue(value)}`)
  context.countEvaluations(value.length)
  switch (step.step) {
    case 'map':
      return mapOver(value, itemCall(step, context), context)
    case 'flatMap':
      return flatMap(value, itemCall(step, context), context)
    case 'filter':
      return value.filter(itemTest(step, context))
    case 'find':
      return value.find(itemTest(step, context))
    case 'some':
      return value.some(itemTest(step, context))
    case 'every':
      return value.every(itemTest(step, context))
    case 'reduce': {
      const { callback, initial, given } = step
      return value.reduce<Value>((sum, item) => evaluateCallback(callback, [sum, item, given], context), initial)
    }
    case 'sort': {
      const { callback, given } = step
      if (callback === undefined) return sortAsTexts(value, context)
      return sortBy(value, (left, right) => evaluateCallback(callback, [left, right, given], context), context)
    }
    case 'slice':
      return value.slice(step.start, step.end)
    default:
      return unreachable(step)
  }
}

type ItemStep = Extract<PipelineStep, { step: 'map' | 'flatMap' | 'filter' | 'find' | 'some' | 'every' }>

function itemCall(step: ItemStep, context: EvaluationContext): (item: Value) => Value {
  const { callback, given } = step
  return (item) => evaluateCallback(callback, [item, given], context)
}

function itemTest(step: ItemStep, context: EvaluationContext): (item: Value) => boolean {
  const itemValue = itemCall(step, context)
  return (item) => isTruthy(itemValue(item))
}

/**
 * `contacts.map(c => c.deals)` returns deals: a list that a relation returns is flattened. A list made from it is not, nor is
 * one that an earlier step has put into an object.
 */
function mapOver(list: readonly Value[], callback: (item: Value) => Value, context: EvaluationContext): Value {
  const results: Value[] = []
  for (const item of list) {
    context.relationsRead.clear()
    const result = callback(item)
    if (!isList(result) || !context.relationsRead.has(result)) {
      results.push(result)
      continue
    }
    context.countEvaluations(result.length)
    for (const related of result) results.push(related)
  }
  return results
}
