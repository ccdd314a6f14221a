// `assignments.create`: assigns a subject to a variant of an experiment, and records once that it has seen it.

import type { Committing } from '@dotdo/do'
import { compileAuthority, ObjectError } from 'digital-objects'
import { visibleNouns } from '../entities/visible-nouns.ts'
import { commitResponse, ref } from '../openapi/components.ts'
import { writeParameters } from '../openapi/parameters.ts'
import { assign as assignUnit } from '../product/experiment.ts'
import { exposureFields, exposureOf } from '../product/exposure.ts'
import { entityWithRole, type ProductParts, productReader } from '../product/product-parts.ts'
import { subjectOfBody, unitOf } from '../product/subject.ts'
import { commitCall } from './commit-call.ts'
import { create } from './create.ts'
import { toEntityCall } from './entity-call.ts'
import { parseBody } from './parse-body.ts'
import type { Write, WriteAsked, WriteParts, WriteResult } from './write.ts'

const members = ['experiment', 'contact', 'userId', 'anonymousId', 'properties']

export const assign: Write = {
  kind: 'write',
  name: 'assignments.create',
  about: 'Assign a person or visitor to a variant of an experiment, and record the exposure once',
  routes: [{ methods: ['POST'], path: '/assignments' }],
  listedAs: { tag: 'experiments', operationId: 'assignments.create' },
  parameters: writeParameters,
  body: { isRequired: true, schema: () => ref('AssignmentRequest') },
  responses: () => ({ 200: commitResponse('The variant', 'Assignment') }),

  perform: (parts, asked) => commitCall(parts, asked, (commit) => performIn(commit, parts, asked)),
  performIn,
}

/** In the lane, so that of two requests one finds the exposure of the other. */
function performIn(commit: Committing, parts: WriteParts, asked: WriteAsked): WriteResult {
  const body = parseBody(asked.call.body)
  const unknown = Object.keys(body).find((name) => !members.includes(name))
  if (unknown !== undefined) throw invalid(unknown.slice(0, 64), `only ${members.join(', ')}`)
  const subject = subjectOfBody(body)
  const product = partsOf(parts, asked)
  const { experiment } = body
  const found = entityWithRole(product, experiment, 'experiment')
  if (typeof experiment !== 'string' || found === undefined) throw invalid('experiment', 'the id of an experiment')
  const unit = unitOf(subject)
  const { variant, reason } = assignUnit(found.noun, found.entity, unit)
  const isNew =
    variant !== undefined && unit !== undefined && reason === 'assigned' && !isExposed(product, experiment, unit)
  if (isNew) {
    const { noun } = exposureOf(product, experiment, unit)
    const fields = exposureFields(experiment, { unit, variant: variant.key, subject })
    const call = { kind: 'write', verb: 'create', noun: noun.name, body: JSON.stringify(fields) } as const
    const one = { caller: asked.caller, call: asked.call.at === undefined ? call : { ...call, at: asked.call.at } }
    create.performOne(commit, parts, { asked: one, given: toEntityCall(parts, one) })
  }
  const { key = null, value, content } = variant ?? {}
  const answer = { $type: 'Assignment', experiment, variant: key, value, content, reason, isFirst: isNew }
  return { body: JSON.stringify(answer) }
}

function isExposed(parts: ProductParts, experiment: string, unit: string): boolean {
  const { noun, filter } = exposureOf(parts, experiment, unit)
  return productReader(parts).count(noun, filter) !== 0
}

function partsOf({ store }: WriteParts, { caller }: WriteAsked): ProductParts {
  const { current } = store.catalog
  const { visibility } = compileAuthority(caller.authority, current.lookup)
  const { context, tenant } = caller
  return { store, context, tenant, asOfMs: undefined, ...visibleNouns(visibility, current) }
}

function invalid(field: string, expected: string): ObjectError {
  return new ObjectError({ code: 'validation_error', field, message: `${field} expects ${expected}` })
}
