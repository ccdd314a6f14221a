// Evaluates a callback exactly as JavaScript would, by walking its expression; nothing is compiled. Whatever would differ
// is refused.

import { type Callback, type CallbackParameter, type Expression, unreachable } from 'digital-objects'
import { describeValue } from './describe-value.ts'
import type { EvaluationContext } from './evaluation-context.ts'
import { callFunction } from './functions.ts'
import { type Call, callListMethod } from './list-methods.ts'
import { applyBinary, applyUnary, isTruthy, joinTexts, toText } from './operators.ts'
import { readMember } from './read-member.ts'
import { callTextMethod } from './text-methods.ts'
import { EntityNode, isList, type Value } from './value.ts'

/** The callback must be validated. Throws an ObjectError `unsupported_expression`, or `scan_limit` if it costs too much. */
export function evaluateCallback(callback: Callback, given: readonly Value[], context: EvaluationContext): Value {
  return call(callback, given, { scope: undefined, context })
}

/** Bound parameters, the innermost first. */
interface Scope {
  readonly name: string
  readonly value: Value
  readonly outer: Scope | undefined
}

interface Surroundings {
  readonly scope: Scope | undefined
  readonly context: EvaluationContext
}

function call(callback: Callback, given: readonly Value[], around: Surroundings): Value {
  const { context } = around
  let { scope } = around
  let at = 0
  for (const parameter of callback.parameters) scope = bind(parameter, given[at++], { scope, context })
  return evaluate(callback.body, { scope, context })
}

function bind(parameter: CallbackParameter, value: Value, around: Surroundings): Scope | undefined {
  const { context } = around
  if (parameter.kind === 'name') return { name: parameter.name, value, outer: around.scope }
  // JavaScript throws even if no field is destructured.
  if (value === undefined || value === null) throw context.refusal(`cannot destructure ${value}`)
  let { scope } = around
  for (const { field, name } of parameter.fields) {
    context.countEvaluations(1)
    scope = { name, value: readMember(value, field, context), outer: scope }
  }
  return scope
}

function evaluate(node: Expression, around: Surroundings): Value {
  const { context } = around
  if (isLink(node)) {
    const value = evaluateLink(node, around)
    if (value === ended) throw new Error('a checked optional link is outside a chain')
    return value
  }
  context.countEvaluations(1)
  switch (node.kind) {
    case 'value':
      return node.value
    case 'undefined':
      return undefined
    case 'name':
      return valueOf(node.name, around.scope)
    case 'chain': {
      const value = evaluateLink(node.of, around)
      return value === ended ? undefined : value
    }
    case 'function': {
      const given = node.arguments.map((argument) => evaluate(argument, around))
      return callFunction(node.name, given, context)
    }
    case 'unary':
      return applyUnary(node.operator, evaluate(node.of, around), context)
    case 'binary':
      return evaluateBinary(node, around)
    case 'conditional':
      return evaluate(isTruthy(evaluate(node.test, around)) ? node.then : node.otherwise, around)
    case 'object': {
      const fields: Record<string, Value> = {}
      for (const { name, value } of node.fields) fields[name] = evaluate(value, around)
      return fields
    }
    case 'list':
      return node.items.map((item) => evaluate(item, around))
    case 'text': {
      const parts = node.parts.map((part) => toText(evaluate(part, around), 'a template', context))
      return joinTexts(parts, context)
    }
    default:
      return unreachable(node)
  }
}

function valueOf(name: string, scope: Scope | undefined): Value {
  for (let at = scope; at !== undefined; at = at.outer) if (at.name === name) return at.value
  throw new Error(`a checked expression uses the unbound name '${name}'`)
}

function evaluateBinary(node: Extract<Expression, { kind: 'binary' }>, around: Surroundings): Value {
  const { operator } = node
  const left = evaluate(node.left, around)
  switch (operator) {
    case '&&':
      return isTruthy(left) ? evaluate(node.right, around) : left
    case '||':
      return isTruthy(left) ? left : evaluate(node.right, around)
    case '??':
      return left ?? evaluate(node.right, around)
    default:
      return applyBinary(operator, { left, right: evaluate(node.right, around) }, around.context)
  }
}

/** The result of an optional link on null or undefined: the rest of its chain is skipped. */
const ended = Symbol('the chain has ended')

type Link = Extract<Expression, { kind: 'member' | 'element' | 'method' }>

function isLink(node: Expression): node is Link {
  return node.kind === 'member' || node.kind === 'element' || node.kind === 'method'
}

/** Evaluates a link of a chain, or the start of a chain. */
function evaluateLink(node: Expression, around: Surroundings): Value | typeof ended {
  if (!isLink(node)) return evaluate(node, around)
  const { context } = around
  context.countEvaluations(1)
  const of = evaluateLink(node.of, around)
  if (of === ended) return ended
  if (node.isOptional === true && (of === undefined || of === null)) return ended
  switch (node.kind) {
    case 'member':
      return readMember(of, node.name, context)
    case 'element': {
      const key = evaluate(node.at, around)
      const name = toText(key, 'a key in brackets', context)
      context.countRead(name.length)
      return readMember(of, name, context)
    }
    case 'method':
      return callMethod(of, node, around)
    default:
      return unreachable(node)
  }
}

function callMethod(of: Value, node: Extract<Expression, { kind: 'method' }>, around: Surroundings): Value {
  const { context } = around
  const { name } = node
  if (of === undefined || of === null)
    throw context.refusal(`cannot call ${name} of ${of}; use ?. if it may be missing`)
  if (typeof of !== 'string' && !isList(of)) {
    const hint = of instanceof EntityNode ? '; verbs cannot be called in a pipeline' : ''
    throw context.refusal(`${describeValue(of)} has no method ${name}${hint}`)
  }
  const values: Value[] = []
  let callback: Call | undefined
  for (const argument of node.arguments) {
    if (argument.kind === 'callback') callback = (...given) => call(argument, given, around)
    else values.push(evaluate(argument, around))
  }
  const called = { name, arguments: values, callback }
  return typeof of === 'string' ? callTextMethod(of, called, context) : callListMethod(of, called, context)
}
