// An expression as data: the body of a pipeline's callback, in a subset of JavaScript that needs no engine. The client
// parses it from the callback's source and the server evaluates it. Every expression means exactly what it means in
// JavaScript; source outside the subset is refused.

export type Expression =
  | { readonly kind: 'value'; readonly value: string | number | boolean | null }
  | { readonly kind: 'undefined' }
  /** A parameter of the callback, or of an enclosing one. */
  | { readonly kind: 'name'; readonly name: string }
  /** `deal.stage`; `deal?.stage` when optional. */
  | { readonly kind: 'member'; readonly of: Expression; readonly name: string; readonly isOptional?: true }
  /** `tags[0]`, `data['key']`. */
  | { readonly kind: 'element'; readonly of: Expression; readonly at: Expression; readonly isOptional?: true }
  /** `name.includes('x')`: one of `listMethods` or `textMethods`. */
  | {
      readonly kind: 'method'
      readonly of: Expression
      readonly name: ListMethod | TextMethod
      readonly arguments: readonly (Expression | Callback)[]
      readonly isOptional?: true
    }
  /** `Math.max(a, b)`: one of `functions`. */
  | { readonly kind: 'function'; readonly name: FunctionName; readonly arguments: readonly Expression[] }
  /** Undefined as a whole if an optional link in it meets null or undefined: `deal.contact?.organization.name`. */
  | { readonly kind: 'chain'; readonly of: Expression }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly of: Expression }
  | {
      readonly kind: 'binary'
      readonly operator: BinaryOperator
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly kind: 'conditional'
      readonly test: Expression
      readonly then: Expression
      readonly otherwise: Expression
    }
  | { readonly kind: 'object'; readonly fields: readonly { readonly name: string; readonly value: Expression }[] }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  /** `${deal.name}: ${deal.value}`; parts are joined as strings. */
  | { readonly kind: 'text'; readonly parts: readonly Expression[] }

export interface Callback {
  readonly kind: 'callback'
  readonly parameters: readonly CallbackParameter[]
  readonly body: Expression
}

export type CallbackParameter =
  | { readonly kind: 'name'; readonly name: string }
  /** `({ stage, value: amount }) => …` */
  | { readonly kind: 'fields'; readonly fields: readonly { readonly field: string; readonly name: string }[] }

export const unaryOperators = ['!', '-', '+', 'typeof'] as const
export type UnaryOperator = (typeof unaryOperators)[number]

const comparisons = ['===', '!==', '==', '!=', '<', '<=', '>', '>='] as const
const arithmetic = ['+', '-', '*', '/', '%', '**'] as const
/** The right operand of these is evaluated only if the left one does not decide. */
const logical = ['&&', '||', '??'] as const
export const binaryOperators = [...comparisons, ...arithmetic, ...logical] as const
export type BinaryOperator = (typeof binaryOperators)[number]

/** Methods of lists. A callback receives only the item; that of `reduce` receives the accumulator and the item. */
export const listMethods = [
  'at',
  'concat',
  'every',
  'filter',
  'find',
  'flatMap',
  'includes',
  'indexOf',
  'join',
  'map',
  'reduce',
  'slice',
  'some',
  'toSorted',
] as const
export type ListMethod = (typeof listMethods)[number]

export const textMethods = [
  'at',
  'endsWith',
  'includes',
  'indexOf',
  'slice',
  'split',
  'startsWith',
  'toLowerCase',
  'toUpperCase',
  'trim',
] as const
export type TextMethod = (typeof textMethods)[number]

/** JavaScript's functions of these names. None depends on the current time or the locale. */
export const functions = [
  'Boolean',
  'Date.parse',
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
] as const
export type FunctionName = (typeof functions)[number]

/** Limits the nodes of one callback. A callback written by hand stays far below it. */
export const expressionNodesMax = 500
/** Limits the nesting of nodes. */
export const expressionDepthMax = 64
