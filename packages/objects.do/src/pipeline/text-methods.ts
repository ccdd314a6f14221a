// The string methods that an expression may call. Arguments are converted as JavaScript converts them.

import type { ListMethod, TextMethod } from 'digital-objects'
import type { EvaluationContext } from './evaluation-context.ts'
import { toNumber, toText } from './operators.ts'
import type { Value } from './value.ts'

export function callTextMethod(
  text: string,
  call: { readonly name: ListMethod | TextMethod; readonly arguments: readonly Value[] },
  context: EvaluationContext,
): Value {
  const { name } = call
  const [first, second] = call.arguments
  const numberOf = (value: Value): number => toNumber(value, name, context)
  const searched = (): string => {
    const search = toText(first, name, context)
    context.countRead(text.length + search.length)
    return search
  }
  switch (name) {
    case 'at':
      return text.at(numberOf(first))
    case 'startsWith':
      return text.startsWith(searched(), numberOf(second))
    case 'endsWith':
      return text.endsWith(searched(), second === undefined ? undefined : numberOf(second))
    case 'includes':
      return text.includes(searched(), numberOf(second))
    case 'indexOf':
      return text.indexOf(searched(), numberOf(second))
    case 'slice':
      return made(text.slice(numberOf(first), second === undefined ? undefined : numberOf(second)), context)
    case 'split':
      return split(text, call.arguments, context)
    case 'toLowerCase':
      context.countCreated(text.length)
      return text.toLowerCase()
    case 'toUpperCase':
      context.countCreated(text.length)
      return text.toUpperCase()
    case 'trim':
      context.countRead(text.length)
      return made(text.trim(), context)
    default:
      throw context.refusal(`a string has no method ${name} in a pipeline`)
  }
}

function made(text: string, context: EvaluationContext): string {
  context.countCreated(text.length)
  return text
}

function split(text: string, given: readonly Value[], context: EvaluationContext): readonly Value[] {
  const [separator, limit] = given
  const wanted = limit === undefined ? 2 ** 32 - 1 : toNumber(limit, 'split', context) >>> 0
  if (separator === undefined) return wanted === 0 ? [] : [text]
  const by = toText(separator, 'split', context)
  context.countCreated(text.length)
  context.countRead(text.length + by.length)
  const pieces = text.split(by, Math.min(wanted, context.evaluationsLeft + 1))
  context.countEvaluations(pieces.length)
  return pieces
}
