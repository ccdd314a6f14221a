// A pipeline, answered from the tenant's store at one moment: what it begins with, gone through its steps where it is, so
// that only the result travels.

import type { TenantStore } from '@dotdo/do'
import { type NounLookup, ObjectError } from 'digital-objects'
import type { ReadCall } from '../call.ts'
import { notFound } from '../find-noun.ts'
import { parseFind, parseGet } from '../read-request.ts'
import { type Reader, readerAt } from '../reader.ts'
import { EvaluationContext } from './evaluation-context.ts'
import { type PipelineRun, runPipeline } from './run-pipeline.ts'

/** The list that a pipeline begins with: nobody is sent all of it, so it may be longer than one that is. */
const pipelineLimits = { fallback: 50, max: 1_000 }

type PipelineCall = Extract<ReadCall, { readonly read: 'pipeline' }>

interface PipelineParts {
  readonly store: TenantStore
  readonly lookup: NounLookup
}

/**
 * The steps are checked, as `parseSteps` gives them. The body is `{"value": …, "exceptions": […]}`, the latter absent
 * where JSON says all of the value.
 */
export function answerPipeline(
  parts: PipelineParts,
  call: PipelineCall,
): { readonly body: string; readonly source: 'object' | 'log' } {
  const { lookup } = parts
  const { reader, noun, shape, found } = findStart(parts, call)
  const context = new EvaluationContext()
  const { body, exceptions } = runPipeline({ reader, lookup, noun, found, shape, steps: call.steps, context })
  const beside = exceptions.length === 0 ? '' : `,"exceptions":${JSON.stringify(exceptions)}`
  return { body: `{"value":${body}${beside}}`, source: reader.source }
}

type Start = Pick<PipelineRun, 'noun' | 'shape' | 'found'> & { readonly reader: Reader }

/** An entity where the call names one, else a list. */
function findStart(parts: PipelineParts, call: PipelineCall): Start {
  const { store, lookup } = parts
  const { context, noun: name, id, parameters } = call
  if (id !== undefined) {
    const { noun, shape, asOfMs } = parseGet({ noun: name, id, parameters }, lookup)
    const reader = readerAt({ store, lookup, context }, asOfMs)
    const found = reader.get(noun, id)
    if (found === undefined) throw notFound(noun, id)
    return { reader, noun, shape, found }
  }
  const request = parseFind(call, lookup, pipelineLimits)
  if (request.isCountExact) throw notCounted()
  const { noun, shape, asOfMs } = request
  const reader = readerAt({ store, lookup, context }, asOfMs)
  return { reader, noun, shape, found: reader.page(request, call.tenant).versions }
}

function notCounted(): ObjectError {
  return new ObjectError({
    code: 'invalid_parameter',
    field: 'count',
    message: 'a pipeline has no total; use count, or the length of its list',
  })
}
