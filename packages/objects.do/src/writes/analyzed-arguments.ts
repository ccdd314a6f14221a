// Arguments that a verb takes from the analysis of its entity, where its definition names fields in `analyzes`.

import { type CallOf, isPlainObject, type JsonValue, type NounRole, ObjectError, type Verb } from 'digital-objects'
import { reportOfValue } from '../product/goal.ts'
import { type EntityCall, toEntityCall } from './entity-call.ts'
import type { Body } from './parse-body.ts'
import type { WriteAsked, WriteParts } from './write.ts'

/** Adds to the body what the analysis gives for the fields that the caller did not send. */
export type Complete = (given: EntityCall) => EntityCall

/** Reads the analysis in slices, before the write. Resolves to undefined for a verb that needs none. */
export async function analyzeAlone(parts: WriteParts, asked: WriteAsked): Promise<Complete | undefined> {
  const needed = analysisFor(parts, asked)
  if (needed === undefined) return undefined
  const answer = await parts.calls.answer(needed.call)
  return answer.ok ? completeWith(answer.body) : withoutAnalysis(needed, new ObjectError(answer.error))
}

/** Reads the analysis at once, inside a commit, where a large one is refused. */
export function analyzeWithin(parts: WriteParts, asked: WriteAsked): Complete | undefined {
  const needed = analysisFor(parts, asked)
  if (needed === undefined) return undefined
  try {
    return completeWith(parts.calls.read(parts.store, { call: needed.call, caller: asked.caller }).body)
  } catch (error) {
    if (error instanceof ObjectError) return withoutAnalysis(needed, error)
    throw error
  }
}

interface Needed {
  readonly call: CallOf<'read'>
  readonly verb: Verb
  readonly body: Body
}

function analysisFor(parts: WriteParts, asked: WriteAsked): Needed | undefined {
  const { id, verb: name } = asked.call
  if (id === undefined || !parts.store.isReady) return undefined
  const { schema, body } = toEntityCall(parts, asked)
  const verb = Object.hasOwn(schema.verbs, name) ? schema.verbs[name] : undefined
  if (verb?.effect.analyzes === undefined || schema.role === undefined) return undefined
  // Arguments that only the verb reads are parameters of the analysis.
  const given = (verb.effect.argumentsOnly ?? []).flatMap((one): [string, string][] => {
    const value = body[one]
    return value === undefined || value === null
      ? []
      : [[one, typeof value === 'string' ? value : JSON.stringify(value)]]
  })
  const parameters = Object.fromEntries(given)
  return { call: { kind: 'read', read: 'analysis', noun: schema.name, id, parameters }, verb, body }
}

/** A refused analysis does not refuse a verb that can do without it, or whose caller sends what it would give. */
function withoutAnalysis({ verb, body }: Needed, error: ObjectError): undefined {
  const { analyzes = [], argumentsRequired = [], needs = [] } = verb.effect
  const canDoWithout = argumentsRequired.length + needs.length === 0
  // The verb itself says so if the entity does not exist, or if the caller does not see the role.
  const isUnknown = error.code === 'not_found' && (error.field === undefined || error.field === 'type')
  if (canDoWithout || isUnknown || analyzes.some((name) => Object.hasOwn(body, name))) return undefined
  throw error
}

function completeWith(text: string): Complete {
  return (given) => {
    const { schema, call, body } = given
    const { analyzes = [] } = schema.verbs[call.verb]?.effect ?? {}
    const analysis: unknown = JSON.parse(text)
    if (schema.role === undefined || !isPlainObject(analysis)) return given
    const found = argumentsOf(schema.role, analysis as Body, body) // JSON of an answer
    const taken = analyzes.flatMap((name): [string, JsonValue][] => {
      const value = Object.hasOwn(found, name) ? found[name] : undefined
      return value === undefined || value === null ? [] : [[name, value]]
    })
    return { ...given, body: { ...Object.fromEntries(taken), ...body } }
  }
}

function argumentsOf(role: NounRole, analysis: Body, sent: Body): Body {
  const { $type: _, of: __, ...results } = analysis
  if (role === 'funnel') return { results, conversionRate: Number(analysis['conversionRate']) * 100 }
  if (role !== 'goal') return { ...analysis, results }
  const { current } = sent
  if (typeof current !== 'number') return analysis
  const { progress, status } = reportOfValue(current, analysis)
  return { progress, status: analysis['isOpen'] === true ? status : null }
}
