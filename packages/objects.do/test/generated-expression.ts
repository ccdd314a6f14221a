// Generates callbacks at random, with their JavaScript source: the evaluator must agree with the JavaScript engine.

import {
  binaryOperators,
  type Callback,
  type Expression,
  type FunctionName,
  type TextMethod,
  unaryOperators,
} from 'digital-objects'
import fc from 'fast-check'

const scalar: fc.Arbitrary<Expression> = fc.oneof(
  fc
    .constantFrom(
      '',
      'a',
      'B',
      'abc',
      ' 12 ',
      '1',
      '0',
      '-1',
      'true',
      'null',
      'é',
      '😀',
      'ß',
      'a,b',
      '0x10',
      'Infinity',
    )
    .map((value) => ({ kind: 'value' as const, value })),
  fc
    .constantFrom(0, 1, -1, -0, 2, 0.5, -1.5, 3, 10, 1e21, 2 ** 53, 5e-324)
    .map((value) => ({ kind: 'value' as const, value })),
  fc.constantFrom(true, false, null).map((value) => ({ kind: 'value' as const, value })),
  fc.constant({ kind: 'undefined' as const }),
)

const textMethods: readonly (readonly [TextMethod, number])[] = [
  ['at', 1],
  ['endsWith', 2],
  ['includes', 2],
  ['indexOf', 2],
  ['slice', 2],
  ['startsWith', 2],
  ['toLowerCase', 0],
  ['toUpperCase', 0],
  ['trim', 0],
]
const functions: readonly FunctionName[] = [
  'Boolean',
  'Math.abs',
  'Math.ceil',
  'Math.floor',
  'Math.max',
  'Math.min',
  'Math.round',
  'Math.sign',
  'Math.trunc',
  'Number',
  'String',
]

/** The nodes of both kinds of tree. `of` generates their children. */
function nodes(of: fc.Arbitrary<Expression>): readonly fc.Arbitrary<Expression>[] {
  const some = (max: number): fc.Arbitrary<Expression[]> => fc.array(of, { maxLength: max })
  return [
    fc.record({ kind: fc.constant('unary' as const), operator: fc.constantFrom(...unaryOperators), of }),
    fc.record({
      kind: fc.constant('binary' as const),
      operator: fc.constantFrom(...binaryOperators),
      left: of,
      right: of,
    }),
    fc.record({ kind: fc.constant('conditional' as const), test: of, then: of, otherwise: of }),
    fc.record({ kind: fc.constant('text' as const), parts: some(3) }),
    fc.record({ kind: fc.constant('function' as const), name: fc.constantFrom(...functions), arguments: some(3) }),
    fc
      .constantFrom(...textMethods)
      .chain(([name, max]) => some(max).chain((given) => link(of, { kind: 'method', name, arguments: given }))),
    fc.constantFrom('length', 'a', 'stage', '0').chain((name) => link(of, { kind: 'member', name })),
    of.chain((at) => link(of, { kind: 'element', at })),
  ]
}

type LinkEnd =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'element'; readonly at: Expression }
  | Pick<Extract<Expression, { kind: 'method' }>, 'kind' | 'name' | 'arguments'>

/** Generates a plain link, or an optional one at the end of a chain, which may continue another chain. */
function link(of: fc.Arbitrary<Expression>, end: LinkEnd): fc.Arbitrary<Expression> {
  return fc.oneof(
    of.map((inner): Expression => ({ ...end, of: inner })),
    of.map((inner): Expression => ({ kind: 'chain', of: { ...end, of: inner, isOptional: true } })),
    of.map((inner): Expression => {
      const first: Expression = { kind: 'member', name: 'stage', of: inner, isOptional: true }
      return { kind: 'chain', of: { ...end, of: first } }
    }),
  )
}

const maxDepth = 5

/** Trees of primitive values. The evaluator must not refuse any of them. */
export const scalarExpression = fc.letrec<{ node: Expression }>((tie) => ({
  node: fc.oneof({ maxDepth, withCrossShrink: true }, scalar, parameter('item'), ...nodes(tie('node'))),
})).node

function parameter(name: string): fc.Arbitrary<Expression> {
  return fc.constant({ kind: 'name', name })
}

function callback(parameters: readonly string[], body: Expression): Callback {
  return { kind: 'callback', parameters: parameters.map((name) => ({ kind: 'name', name })), body }
}

const itemMethods = ['every', 'filter', 'find', 'flatMap', 'map', 'some'] as const
const listMethods = ['at', 'concat', 'includes', 'indexOf', 'join', 'slice'] as const

/** Trees with lists, objects and nested callbacks. */
export const anyExpression = fc.letrec<{ node: Expression; list: Expression }>((tie) => {
  const node = tie('node')
  return {
    list: fc.oneof(
      { maxDepth, withCrossShrink: true },
      fc.array(scalar, { maxLength: 4 }).map((items): Expression => ({ kind: 'list', items })),
      fc.array(node, { maxLength: 3 }).map((items): Expression => ({ kind: 'list', items })),
      fc
        .record({ of: tie('list'), body: node, name: fc.constantFrom(...itemMethods) })
        .map(({ of, body, name }): Expression => ({ kind: 'method', name, of, arguments: [callback(['item'], body)] })),
      fc
        .record({ of: tie('list'), given: fc.array(node, { maxLength: 2 }), name: fc.constantFrom(...listMethods) })
        .map(({ of, given, name }): Expression => ({
          kind: 'method',
          name,
          of,
          arguments: name === 'at' || name === 'join' ? given.slice(0, 1) : given,
        })),
      fc.record({ of: tie('list'), body: node }).map(({ of, body }): Expression => ({
        kind: 'method',
        name: 'toSorted',
        of,
        arguments: [callback(['item', 'other'], body)],
      })),
      tie('list').map((of): Expression => ({ kind: 'method', name: 'toSorted', of, arguments: [] })),
      fc
        .record({ of: tie('list'), body: node, initial: fc.array(node, { maxLength: 1 }) })
        .map(({ of, body, initial }): Expression => ({
          kind: 'method',
          name: 'reduce',
          of,
          arguments: [callback(['item', 'other'], body), ...initial],
        })),
      fc.constant<Expression>({
        kind: 'method',
        name: 'split',
        of: { kind: 'value', value: 'a,b,,c' },
        arguments: [{ kind: 'value', value: ',' }],
      }),
    ),
    node: fc.oneof(
      { maxDepth, withCrossShrink: true },
      scalar,
      parameter('item'),
      fc
        .array(fc.record({ name: fc.constantFrom('a', 'stage', '1', 'length'), value: node }), { maxLength: 3 })
        .map((fields): Expression => ({ kind: 'object', fields })),
      tie('list'),
      ...nodes(node),
    ),
  }
}).node

/** Some callbacks have a parameter `other`, which no tree uses. The engine receives it in any case. */
export function callbackToSource(made: Callback): string {
  const parameters = made.parameters.map((parameter) =>
    parameter.kind === 'name'
      ? parameter.name
      : `{ ${parameter.fields.map(({ field, name }) => `${JSON.stringify(field)}: ${name}`).join(', ')} }`,
  )
  return `((${parameters.join(', ')}) => (${expressionToSource(made.body)}))`
}

export function expressionToSource(node: Expression): string {
  switch (node.kind) {
    case 'value':
      return Object.is(node.value, -0) ? '(-0)' : `(${JSON.stringify(node.value)})`
    case 'undefined':
      return '(undefined)'
    case 'name':
      return node.name
    case 'chain':
      return `(${linkToSource(node.of)})`
    case 'member':
    case 'element':
    case 'method':
      return `(${linkToSource(node)})`
    case 'function':
      return `${node.name}(${node.arguments.map(expressionToSource).join(', ')})`
    case 'unary':
      return `(${node.operator} ${expressionToSource(node.of)})`
    case 'binary':
      return `(${expressionToSource(node.left)} ${node.operator} ${expressionToSource(node.right)})`
    case 'conditional':
      return `(${[node.test, node.then].map(expressionToSource).join(' ? ')} : ${expressionToSource(node.otherwise)})`
    case 'object':
      return `({${node.fields.map(({ name, value }) => `${JSON.stringify(name)}: ${expressionToSource(value)}`).join(', ')}})`
    case 'list':
      return `[${node.items.map(expressionToSource).join(', ')}]`
    case 'text':
      return `\`${node.parts.map((part) => `\${${expressionToSource(part)}}`).join('')}\``
    default:
      throw new Error(`no source for ${JSON.stringify(node)}`)
  }
}

/** Returns the source without parentheses, so that a following link continues the same chain. */
function linkToSource(node: Expression): string {
  switch (node.kind) {
    case 'member':
      return /^\d/.test(node.name)
        ? `${linkToSource(node.of)}${node.isOptional === true ? '?.' : ''}[${JSON.stringify(node.name)}]`
        : `${linkToSource(node.of)}${node.isOptional === true ? '?.' : '.'}${node.name}`
    case 'element':
      return `${linkToSource(node.of)}${node.isOptional === true ? '?.' : ''}[${expressionToSource(node.at)}]`
    case 'method': {
      const given = node.arguments.map((argument) =>
        argument.kind === 'callback' ? callbackToItems(argument, node.name) : expressionToSource(argument),
      )
      return `${linkToSource(node.of)}${node.isOptional === true ? '?.' : '.'}${node.name}(${given.join(', ')})`
    }
    default:
      return expressionToSource(node)
  }
}

/** Wraps a list's callback so that it receives only the item. */
function callbackToItems(made: Callback, method: string): string {
  return method === 'reduce' ? `(sum, next) => ${callbackToSource(made)}(sum, next)` : callbackToSource(made)
}
