// The operations of a step: what it asks of the tenant, as the paths of REST. Writes are parts of a batch, which is one commit
// with the progress of the run; a read comes first and alone.

import type { JsonValue, NounSchema } from 'digital-objects'
import { evaluateExpression, type Scope, valueAt } from './expression.ts'
import { invalid, type Json, type Step } from './parse-workflow.ts'

export interface Operation {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly body?: Json
  readonly ifVersion?: number
}

/** The operations of one commit, and the item at which the step continues; undefined if it is complete. */
export interface StepOperations {
  readonly kind: 'read' | 'write'
  readonly operations: readonly Operation[]
  readonly nextItem: number | undefined
}

/** A batch has 100 operations, and one of them records the progress. */
const itemsPerCommit = 50
const itemsMax = 1_000
const found = 100

export interface StepAsked {
  readonly step: Step & { readonly action: NonNullable<Step['action']> }
  readonly scope: Scope
  readonly schema: NounSchema
  /** The first item to perform. */
  readonly item: number
  /** The id of the run's entity. */
  readonly target: string | undefined
}

/** Throws an ObjectError. */
export function stepOperations(asked: StepAsked): StepOperations {
  const { step, item } = asked
  const { verb } = step.action
  if (verb === 'get' || verb === 'find' || verb === 'count')
    return { kind: 'read', operations: [readOf(asked)], nextItem: undefined }
  if (step.forEach === undefined) return { kind: 'write', operations: [writeOf(asked)], nextItem: undefined }
  const list = valueAt(step.forEach, asked.scope)
  const items: readonly JsonValue[] = Array.isArray(list) ? list : []
  if (items.length > itemsMax) throw invalid('steps.forEach', `expects at most ${itemsMax} items, got ${items.length}`)
  const end = item + itemsPerCommit
  return {
    kind: 'write',
    operations: items.slice(item, end).map((one) => writeOf({ ...asked, scope: withItem(asked.scope, one) })),
    nextItem: end < items.length ? end : undefined,
  }
}

function withItem(scope: Scope, item: JsonValue): Scope {
  return { ...scope, names: { ...scope.names, item } }
}

/** The fields and arguments of the step. A path without a value leaves its field out. */
function valuesOf({ step, scope }: StepAsked): Json {
  const values: Record<string, JsonValue> = { ...step.values }
  for (const [name, expression] of Object.entries(step.mapping)) {
    const value = evaluateExpression(expression, scope)
    if (value !== undefined && value !== null) values[name] = value
  }
  return values
}

function readOf(asked: StepAsked): Operation {
  const { verb, noun } = asked.step.action
  const { id, filter = {}, ...fields } = valuesOf(asked)
  if (verb === 'get') return { method: 'GET', path: `/${noun}/${idOf(asked, id)}` }
  const conditions = typeof filter === 'object' && !Array.isArray(filter) ? { ...filter, ...fields } : fields
  const query = `filter=${encodeURIComponent(JSON.stringify(conditions))}`
  return { method: 'GET', path: verb === 'count' ? `/${noun}/count?${query}` : `/${noun}?limit=${found}&${query}` }
}

function writeOf(asked: StepAsked): Operation {
  const { step, schema } = asked
  const { noun, verb } = step.action
  const { id, ...body } = valuesOf(asked)
  if (verb === 'create') return { method: 'POST', path: `/${noun}`, body: id === undefined ? body : { ...body, id } }
  if (schema.verbs[verb]?.effect.creates === true && id === undefined && !isOwn(asked))
    return { method: 'POST', path: `/${noun}/${verb}`, body }
  const path = `/${noun}/${idOf(asked, id)}`
  if (verb === 'update') return { method: 'PATCH', path, body }
  return verb === 'delete' ? { method: 'DELETE', path } : { method: 'POST', path: `${path}/${verb}`, body }
}

/** The entity that a step names, or else the item or the entity of the run if it is of the step's type. */
function idOf({ step, scope, schema, target }: StepAsked, id: JsonValue | undefined): string {
  const { item } = scope.names
  const ofItem = typeof item === 'object' && !Array.isArray(item) ? (item as Json)['$id'] : item
  const chosen = [id, ofItem, target].find((one) => typeof one === 'string' && one.startsWith(`${schema.idPrefix}_`))
  if (typeof chosen === 'string') return encodeURIComponent(chosen)
  throw invalid('steps.id', `expects the id of a ${step.action.noun} for ${step.action.noun}.${step.action.verb}`)
}

function isOwn({ schema, target }: StepAsked): boolean {
  return target?.startsWith(`${schema.idPrefix}_`) === true
}
