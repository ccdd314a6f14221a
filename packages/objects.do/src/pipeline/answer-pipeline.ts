// Answers a pipeline from one state of the tenant's store. Its steps run next to the data, so that only the result is sent.

import type { ReadRun, TenantStore } from '@dotdo/do'
import { type CallOf, ObjectError } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import { notFound } from '../entities/find-noun.ts'
import { parseFlag } from '../entities/parameters.ts'
import { parseFind, parseGet } from '../entities/read-request.ts'
import type { ReadRecorder } from '../entities/recorded-reads.ts'
import { type Reader, readerAt } from '../entities/reader.ts'
import type { VisibleNouns } from '../entities/visible-nouns.ts'
import { EvaluationContext, readCharactersMax } from './evaluation-context.ts'
import { type PipelineRun, runPipeline } from './run-pipeline.ts'

/**
 * Limits the list at the start of a pipeline, which may be longer than a page because it is not sent. Without `limit`, more
 * matches are refused: a sum of only some of them would look like the sum of all.
 */
const rowsMax = 10_000
const limits = { fallback: rowsMax, max: rowsMax }
/** The parameters of a list that are no fields. `count` has a refusal of its own. */
const names = ['filter', 'sort', 'limit', 'cursor', 'include', 'fields', 'asOf', 'count', 'strong']

interface Asked {
  readonly caller: Caller
  readonly call: CallOf<'pipeline'>
}

interface PipelineParts extends Omit<VisibleNouns, 'schemas'> {
  readonly store: TenantStore
  readonly run?: ReadRun
  readonly recorder?: ReadRecorder
}

/**
 * Expects steps that `parseSteps` has checked. The body is `{"value": …, "exceptions": […]}`, without `exceptions` if JSON
 * can express the value.
 */
export function answerPipeline(
  parts: PipelineParts,
  asked: Asked,
): { readonly body: string; readonly source: 'object' | 'log' } {
  const { lookup } = parts
  const { reader, noun, shape, found } = findStart(parts, asked)
  const context = new EvaluationContext()
  const { body, exceptions } = runPipeline({ reader, lookup, noun, found, shape, steps: asked.call.steps, context })
  const beside = exceptions.length === 0 ? '' : `,"exceptions":${JSON.stringify(exceptions)}`
  return { body: `{"value":${body}${beside}}`, source: reader.source }
}

type Start = Pick<PipelineRun, 'noun' | 'shape' | 'found'> & { readonly reader: Reader }

/** Reads the entity that the call names, or else a list. */
function findStart(parts: PipelineParts, { caller, call }: Asked): Start {
  const { lookup } = parts
  const { context, tenant } = caller
  parseFlag(call.parameters, 'strong')
  if (call.read === 'get') {
    const { noun, id, shape, asOfMs } = parseGet(call, lookup)
    const reader = readerAt({ ...parts, context }, asOfMs)
    const found = reader.get(noun, id)
    if (found === undefined) throw notFound(noun, id)
    return { reader, noun, shape, found }
  }
  const request = parseFind(call, lookup, { names, limits })
  if (request.isCounted) throw notCounted()
  const { noun, shape, asOfMs } = request
  const reader = readerAt({ ...parts, context }, asOfMs)
  const { versions, hasMore } = reader.page(request, tenant, readCharactersMax)
  if (hasMore && versions.length === rowsMax && call.parameters['limit'] === undefined) throw scanLimit(noun.name)
  return { reader, noun, shape, found: versions }
}

function scanLimit(noun: string): ObjectError {
  return new ObjectError({
    code: 'scan_limit',
    field: 'limit',
    message: `more than ${rowsMax} ${noun}s match, which is the most that a pipeline can process; narrow the filter, or set limit`,
  })
}

function notCounted(): ObjectError {
  return new ObjectError({
    code: 'invalid_parameter',
    field: 'count',
    message: 'a pipeline has no total; use count, or the length of its list',
  })
}
