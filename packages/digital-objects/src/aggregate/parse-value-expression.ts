// Parses the value of a measure: `value`, `value*probability/100`, `coalesce(amount, price.amount)*quantity`,
// `match(price.interval, 'Monthly', 1, 'Yearly', 1/12)`.

import { shorten } from '../base/shorten.ts'
import type { FilterContext } from '../filter/parse-path.ts'
import { invalidAggregate } from './invalid-aggregate.ts'
import { parseValuePath } from './parse-value-path.ts'
import type { ValueExpression } from './value-expression.ts'

const charactersMax = 500
const nodesMax = 64
const depthMax = 16

export interface NamedExpression {
  /** The parameter that has it, for errors. */
  readonly parameter: string
  readonly text: string
}

/** Throws an ObjectError `invalid_aggregate`. */
export function parseValueExpression(named: NamedExpression, context: FilterContext): ValueExpression {
  if (named.text.length > charactersMax)
    throw invalidAggregate(named.parameter, `an expression has at most ${charactersMax} characters`)
  return new ExpressionParser(named, context).parse()
}

type Token =
  | { readonly kind: 'number' | 'path' | 'sign' | 'string'; readonly text: string }
  | { readonly kind: 'end'; readonly text: '' }

const end: Token = { kind: 'end', text: '' }
const tokenPattern =
  /\s*(?:(?<number>\d+(?:\.\d+)?)|(?<path>[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*)|'(?<string>[^']*)'|(?<sign>[-+*/(),]))\s*/y

class ExpressionParser {
  readonly #named: NamedExpression
  readonly #context: FilterContext
  readonly #tokens: readonly Token[]
  #at = 0
  #nodes = 0

  constructor(named: NamedExpression, context: FilterContext) {
    this.#named = named
    this.#context = context
    this.#tokens = this.#tokenize(named.text)
  }

  parse(): ValueExpression {
    const expression = this.#sum(0)
    const rest = this.#peek()
    if (rest.kind !== 'end') throw this.#unexpected(rest, 'an operator or the end')
    return expression
  }

  #tokenize(text: string): Token[] {
    const tokens: Token[] = []
    const pattern = new RegExp(tokenPattern)
    while (pattern.lastIndex < text.length) {
      const start = pattern.lastIndex
      const groups = pattern.exec(text)?.groups
      if (groups === undefined) throw this.#fault(`unexpected '${text.slice(start, start + 10).trim()}'`)
      for (const kind of ['number', 'path', 'string', 'sign'] as const) {
        const found = groups[kind]
        if (found !== undefined) tokens.push({ kind, text: found })
      }
    }
    return tokens
  }

  #sum(depth: number): ValueExpression {
    let left = this.#product(depth)
    for (let sign = this.#taken('+', '-'); sign !== undefined; sign = this.#taken('+', '-'))
      left = this.#node({ kind: 'binary', operator: sign, left, right: this.#product(depth) })
    return left
  }

  #product(depth: number): ValueExpression {
    let left = this.#unary(depth)
    for (let sign = this.#taken('*', '/'); sign !== undefined; sign = this.#taken('*', '/'))
      left = this.#node({ kind: 'binary', operator: sign, left, right: this.#unary(depth) })
    return left
  }

  #unary(depth: number): ValueExpression {
    if (depth > depthMax) throw this.#fault(`an expression is nested at most ${depthMax} deep`)
    if (this.#taken('-') !== undefined) return this.#node({ kind: 'negative', of: this.#unary(depth + 1) })
    if (this.#taken('(') !== undefined) {
      const inner = this.#sum(depth + 1)
      this.#expect(')')
      return inner
    }
    const token = this.#next()
    if (token.kind === 'number') return this.#node({ kind: 'number', value: Number(token.text) })
    if (token.kind !== 'path') throw this.#unexpected(token, 'a field or a number')
    if (this.#taken('(') !== undefined) return this.#call(token.text, depth + 1)
    return this.#number(token.text)
  }

  #call(name: string, depth: number): ValueExpression {
    if (name === 'coalesce') {
      const of = [this.#sum(depth)]
      while (this.#taken(',') !== undefined) of.push(this.#sum(depth))
      this.#expect(')')
      return this.#node({ kind: 'coalesce', of })
    }
    if (name === 'match') return this.#match(depth)
    throw this.#fault(`unknown function '${shorten(name)}'; expected coalesce or match`)
  }

  /** `match(path, 'value', then, 'value', then, otherwise)` */
  #match(depth: number): ValueExpression {
    const token = this.#next()
    if (token.kind !== 'path') throw this.#unexpected(token, 'the field that match compares')
    const path = parseValuePath({ ...this.#named, text: token.text }, this.#context)
    if (path.storage !== 'text') throw this.#fault(`match compares strings, and '${shorten(token.text)}' is none`)
    const cases: { readonly value: string; readonly then: ValueExpression }[] = []
    let otherwise: ValueExpression | undefined
    while (otherwise === undefined && this.#taken(',') !== undefined) {
      const { kind, text } = this.#peek()
      if (kind === 'string') {
        this.#at++
        this.#expect(',')
        cases.push({ value: text, then: this.#sum(depth) })
      } else otherwise = this.#sum(depth)
    }
    this.#expect(')')
    if (cases.length === 0) throw this.#fault("match expects cases, as in match(interval, 'Monthly', 1, 'Yearly', 12)")
    return this.#node({ kind: 'match', path, cases, otherwise })
  }

  /** A field in arithmetic. Whether a bare one may hold something else than numbers depends on the function. */
  #number(text: string): ValueExpression {
    const path = parseValuePath({ ...this.#named, text }, this.#context)
    const isAlone = this.#tokens.length === 1
    if (!isAlone && (path.storage === 'text' || path.storage === 'boolean'))
      throw this.#fault(`'${shorten(text)}' is a ${path.storage === 'text' ? 'string' : 'boolean'}; expected a number`)
    return this.#node({ kind: 'path', ...path })
  }

  #node(expression: ValueExpression): ValueExpression {
    this.#nodes++
    if (this.#nodes > nodesMax) throw this.#fault(`an expression has at most ${nodesMax} parts`)
    return expression
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? end
  }

  #next(): Token {
    const token = this.#peek()
    this.#at++
    return token
  }

  #taken<Sign extends string>(...signs: readonly Sign[]): Sign | undefined {
    const { kind, text } = this.#peek()
    const sign = kind === 'sign' ? signs.find((one) => one === text) : undefined
    if (sign !== undefined) this.#at++
    return sign
  }

  #expect(sign: string): void {
    const token = this.#next()
    if (token.kind !== 'sign' || token.text !== sign) throw this.#unexpected(token, `'${sign}'`)
  }

  #unexpected(token: Token, expected: string): Error {
    return this.#fault(`expected ${expected}, got ${token.kind === 'end' ? 'the end' : `'${shorten(token.text)}'`}`)
  }

  #fault(message: string): Error {
    const { parameter, text } = this.#named
    return invalidAggregate(parameter, `${message} in '${shorten(text)}'`)
  }
}
