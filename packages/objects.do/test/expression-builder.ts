// Builds expressions and callbacks for tests, as a client parses them from source.

import type {
  BinaryOperator,
  Callback,
  Expression,
  FunctionName,
  ListMethod,
  PipelineStep,
  TextMethod,
} from 'digital-objects'

export const name = (text: string): Expression => ({ kind: 'name', name: text })
export const value = (of: string | number | boolean | null): Expression => ({ kind: 'value', value: of })
export const list = (...items: readonly Expression[]): Expression => ({ kind: 'list', items })
export const item = name('item')

/** `member(item, 'contact', 'name')` is `item.contact.name`. */
export function member(of: Expression, ...names: readonly string[]): Expression {
  return names.reduce<Expression>((inner, text) => ({ kind: 'member', of: inner, name: text }), of)
}

/** `item?.contact?.name` */
export function optional(of: Expression, ...names: readonly string[]): Expression {
  const links = names.reduce<Expression>(
    (inner, text) => ({ kind: 'member', of: inner, name: text, isOptional: true }),
    of,
  )
  return { kind: 'chain', of: links }
}

export function binary(left: Expression, operator: BinaryOperator, right: Expression): Expression {
  return { kind: 'binary', operator, left, right }
}

export function method(
  of: Expression,
  called: ListMethod | TextMethod,
  ...given: readonly (Expression | Callback)[]
): Expression {
  return { kind: 'method', of, name: called, arguments: given }
}

export function call(called: FunctionName, ...given: readonly Expression[]): Expression {
  return { kind: 'function', name: called, arguments: given }
}

export function object(fields: Readonly<Record<string, Expression>>): Expression {
  return { kind: 'object', fields: Object.entries(fields).map(([text, inner]) => ({ name: text, value: inner })) }
}

/** Makes a callback with the parameter `item`, or with the given ones. */
export function callback(body: Expression, ...parameters: readonly string[]): Callback {
  const names = parameters.length === 0 ? ['item'] : parameters
  return { kind: 'callback', parameters: names.map((text) => ({ kind: 'name', name: text })), body }
}

type ItemStep = Extract<PipelineStep, { step: 'map' | 'flatMap' | 'filter' | 'find' | 'some' | 'every' }>

export function step(kind: ItemStep['step'], body: Expression): PipelineStep {
  return { step: kind, callback: callback(body) }
}
