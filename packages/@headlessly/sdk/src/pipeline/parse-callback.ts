// Parses a pipeline's callback from its source into an expression with exactly the same meaning at the server, or
// explains why that is impossible. It runs nothing. If the program has replaced a global (its own `Math`), the parser
// cannot see that.

import {
  type BinaryOperator,
  binaryOperators,
  type Callback,
  type CallbackParameter,
  type Expression,
  expressionDepthMax,
  functions,
  listMethods,
  textMethods,
  unaryOperators,
} from 'digital-objects'
import { callbackParametersMax, checkArguments, checkName, checkSize, tooLarge } from './callback-limits.ts'
import { Refusal, SourceTokens } from './source-tokens.ts'

export type ParsedCallback =
  | { readonly ok: true; readonly callback: Callback }
  | { readonly ok: false; readonly reason: string }

export type PipelineFunction = (...given: never[]) => unknown

export interface CallbackPlace {
  /** The step it belongs to: `filter`. */
  readonly step: string
  /** Values are passed to it beside the items. */
  readonly isGiven: boolean
}

/** Never throws. */
export function parseCallback(callback: PipelineFunction, place: CallbackPlace): ParsedCallback {
  const source = Function.prototype.toString.call(callback)
  try {
    if (/\{\s*\[native code\]\s*\}$/.test(source)) throw new Refusal('a native or bound function has no source to send')
    return { ok: true, callback: new CallbackParser(source, place).parse() }
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message }
    throw error
  }
}

const powers: Readonly<Record<BinaryOperator, number>> = {
  '??': 1,
  '||': 2,
  '&&': 3,
  '===': 4,
  '!==': 4,
  '==': 4,
  '!=': 4,
  '<': 5,
  '<=': 5,
  '>': 5,
  '>=': 5,
  '+': 6,
  '-': 6,
  '*': 7,
  '/': 7,
  '%': 7,
  '**': 8,
}

const constants: Readonly<Record<string, Expression>> = {
  true: { kind: 'value', value: true },
  false: { kind: 'value', value: false },
  null: { kind: 'value', value: null },
  undefined: { kind: 'undefined' },
  // JSON can express neither.
  NaN: ratio(0),
  Infinity: ratio(1),
}

function ratio(value: number): Expression {
  return { kind: 'binary', operator: '/', left: { kind: 'value', value }, right: { kind: 'value', value: 0 } }
}

const reserved =
  /^(?:a(?:rguments|sync|wait)|class|delete|eval|function|import|in(?:stanceof)?|new|super|this|throw|yield)$/

class CallbackParser {
  readonly #tokens: SourceTokens
  readonly #place: CallbackPlace
  /** Parameters in scope. */
  #scope: readonly string[] = []
  /** Recursion depth of the parser. */
  #depth = 0

  constructor(source: string, place: CallbackPlace) {
    this.#tokens = new SourceTokens(source)
    this.#place = place
  }

  parse(): Callback {
    const { step, isGiven } = this.#place
    const callback = this.#callback((callbackParametersMax[step] ?? 1) + (isGiven ? 1 : 0))
    if (this.#tokens.token.kind !== 'end') this.#refuse()
    checkSize(callback)
    return callback
  }

  #callback(parametersMax: number): Callback {
    const around = this.#scope
    const isFunction = this.#skip('function')
    // The function's own name shadows outer variables.
    const own = isFunction && this.#isName() ? this.#parameterName([]) : undefined
    const names: string[] = []
    const parameters =
      this.#isName() && !isFunction
        ? [{ kind: 'name' as const, name: this.#parameterName(names) }]
        : this.#list('(', ')', () => this.#parameter(names))
    if (parameters.length > parametersMax) {
      throw new Refusal(`a callback gets ${parametersMax} ${parametersMax > 1 ? 'values' : 'value'} here, and no index`)
    }
    if (!isFunction) this.#expect('=>')
    this.#scope = [...around.filter((name) => name !== own), ...names]
    const body = isFunction || this.#tokens.token.source === '{' ? this.#block() : this.#expression()
    this.#scope = around
    return { kind: 'callback', parameters, body }
  }

  #parameter(names: string[]): CallbackParameter {
    if (this.#tokens.token.source !== '{') return { kind: 'name', name: this.#parameterName(names) }
    const fields = this.#list('{', '}', () => {
      const isName = this.#isName()
      const { source } = this.#tokens.token
      const field = this.#key()
      if (this.#skip(':')) return { field, name: this.#parameterName(names) }
      if (!isName) this.#refuse()
      return { field, name: bind(names, source) }
    })
    return { kind: 'fields', fields }
  }

  #parameterName(names: string[]): string {
    const { source } = this.#tokens.token
    if (!this.#isName() || reserved.test(source)) this.#refuse()
    this.#tokens.next()
    return bind(names, source)
  }

  /** Parses `{ return e }`. */
  #block(): Expression {
    this.#expect('{')
    if (!this.#skip('return')) {
      const { source } = this.#tokens.token
      throw new Refusal(
        `a callback is one expression, or \`return\` and one expression, and this one begins with \`${source}\``,
      )
    }
    // JavaScript does not return what stands on the next line.
    if (this.#tokens.token.isOnNewLine) this.#refuse()
    const body = this.#expression()
    this.#skip(';')
    this.#expect('}')
    return body
  }

  #expression(): Expression {
    return this.#nested(() => {
      const test = this.#binary(0)
      if (!this.#skip('?')) return test
      const then = this.#expression()
      this.#expect(':')
      return { kind: 'conditional', test, then, otherwise: this.#expression() }
    })
  }

  /** Parses operators of this precedence and above. */
  #binary(power: number): Expression {
    return this.#nested(() => {
      let left = this.#unary()
      for (;;) {
        const operator = binaryOperators.find((name) => name === this.#tokens.token.source)
        if (operator === undefined || powers[operator] < power) return left
        this.#tokens.next()
        const right = this.#binary(operator === '**' ? powers[operator] : powers[operator] + 1)
        left = { kind: 'binary', operator, left, right }
      }
    })
  }

  #unary(): Expression {
    const operator = unaryOperators.find((name) => name === this.#tokens.token.source)
    if (operator !== undefined) {
      this.#tokens.next()
      return { kind: 'unary', operator, of: this.#nested(() => this.#unary()) }
    }
    if (!this.#skip('void')) return this.#links()
    // Minifiers write undefined as `void 0`.
    if (this.#tokens.token.kind !== 'literal' || this.#links().kind !== 'value') this.#refuse()
    return { kind: 'undefined' }
  }

  /** Parses a value and its links: `a.b[c]?.d(e)`. */
  #links(): Expression {
    let of = this.#primary()
    let isChain = false
    for (;;) {
      const optional = this.#skip('?.') ? { isOptional: true as const } : {}
      const isOptional = 'isOptional' in optional
      isChain ||= isOptional
      if (this.#skip('[')) {
        const at = this.#expression()
        if (at.kind === 'value') checkName(String(at.value))
        this.#expect(']')
        of = { kind: 'element', of, at, ...optional }
      } else if (isOptional || this.#skip('.')) {
        const name = this.#memberName()
        const isCall = this.#tokens.token.source === '('
        of = isCall ? this.#method(of, name, optional) : { kind: 'member', of, name, ...optional }
      } else {
        return isChain ? { kind: 'chain', of } : of
      }
    }
  }

  #method(of: Expression, name: string, optional: { readonly isOptional?: true }): Expression {
    const method = [...listMethods, ...textMethods].find((known) => known === name)
    if (method === undefined) {
      const advice = name === 'sort' ? '; `.toSorted()` leaves the list as it is, and is' : ''
      throw new Refusal(`\`.${name}()\` is not supported by the server${advice}`)
    }
    const parametersMax = callbackParametersMax[name]
    let isFirst = true
    const given = this.#list('(', ')', () => {
      const isCallback = isFirst && parametersMax !== undefined
      isFirst = false
      return isCallback ? this.#methodCallback(parametersMax) : this.#expression()
    })
    checkArguments(name, given, parametersMax === undefined || name === 'toSorted' ? 0 : 1)
    return { kind: 'method', of, name: method, arguments: given, ...optional }
  }

  /** Turns `filter(Boolean)` into `filter((item) => Boolean(item))`. */
  #methodCallback(parametersMax: number): Callback {
    const { source } = this.#tokens.token
    const name = functions.find((known) => known === source)
    if (name === undefined || this.#scope.includes(name)) return this.#nested(() => this.#callback(parametersMax))
    if (parametersMax > 1) this.#refuse()
    this.#tokens.next()
    const item = { kind: 'name', name: 'item' } as const
    return { kind: 'callback', parameters: [item], body: { kind: 'function', name, arguments: [item] } }
  }

  #primary(): Expression {
    const { kind, source, value } = this.#tokens.token
    if (kind === 'literal') {
      this.#tokens.next()
      return value === Number.POSITIVE_INFINITY ? ratio(1) : { kind: 'value', value }
    }
    if (kind === 'name') return this.#named()
    if (source === '`') return this.#template()
    if (source === '[') return { kind: 'list', items: this.#list('[', ']', () => this.#expression()) }
    if (source === '{') return { kind: 'object', fields: this.#list('{', '}', () => this.#field()) }
    if (source === '/') throw new Refusal('regular expressions are not supported by the server')
    this.#expect('(')
    const inner = this.#expression()
    this.#expect(')')
    return inner
  }

  #named(): Expression {
    const { source } = this.#tokens.token
    if (reserved.test(source)) this.#refuse()
    this.#tokens.next()
    if (this.#tokens.token.source === '=>') throw new Refusal('a function can only be passed to a method of a list')
    if (this.#scope.includes(source)) return { kind: 'name', name: source }
    const constant = Object.hasOwn(constants, source) ? constants[source] : undefined
    if (constant !== undefined) return constant
    const isNamespace = /^(?:Date|Math)$/.test(source) && this.#skip('.')
    const full = isNamespace ? `${source}.${this.#memberName()}` : source
    const name = functions.find((known) => known === full)
    if (name !== undefined && this.#tokens.token.source === '(') {
      const given = this.#list('(', ')', () => this.#expression())
      checkArguments(name, given, 1)
      return { kind: 'function', name, arguments: given }
    }
    const isGlobal = /^[A-Z]/.test(source) && source in globalThis
    if (isGlobal || this.#tokens.token.source === '(') throw new Refusal(`\`${full}\` is not supported by the server`)
    const { step } = this.#place
    const [items, initial] = step === 'reduce' ? ['sum, item', '0, '] : ['item', '']
    const handedOver = `${step}((${items}, { ${source} }) => …, ${initial}{ ${source} })`
    throw new Refusal(`\`${source}\` is not a parameter of the callback; pass it: ${handedOver}`)
  }

  #template(): Expression {
    const parts: Expression[] = []
    for (;;) {
      const { text, isLast } = this.#tokens.templatePart()
      if (text !== '') parts.push({ kind: 'value', value: text })
      if (isLast) return { kind: 'text', parts }
      parts.push(this.#expression())
      if (this.#tokens.token.source !== '}') this.#refuse()
    }
  }

  #field(): { readonly name: string; readonly value: Expression } {
    const { token } = this.#tokens
    const name = this.#key()
    if (this.#skip(':')) return { name, value: this.#expression() }
    if (token.kind !== 'name' || !this.#scope.includes(name)) this.#refuse()
    return { name, value: { kind: 'name', name } }
  }

  #key(): string {
    const { kind, value } = this.#tokens.token
    if (kind !== 'literal') return this.#memberName()
    this.#tokens.next()
    return checkName(String(value))
  }

  #memberName(): string {
    const { source } = this.#tokens.token
    if (!this.#isName()) this.#refuse()
    this.#tokens.next()
    return checkName(source)
  }

  #list<Item>(open: string, close: string, item: () => Item): Item[] {
    this.#expect(open)
    const items: Item[] = []
    while (!this.#skip(close)) {
      items.push(item())
      if (this.#tokens.token.source !== close) this.#expect(',')
    }
    return items
  }

  /** Limits the recursion of this parser to more than any allowed tree needs. */
  #nested<Made>(make: () => Made): Made {
    if (++this.#depth > expressionDepthMax * 4) throw new Refusal(tooLarge)
    const made = make()
    this.#depth--
    return made
  }

  #isName(): boolean {
    return this.#tokens.token.kind === 'name'
  }

  #skip(source: string): boolean {
    if (this.#tokens.token.source !== source) return false
    this.#tokens.next()
    return true
  }

  #expect(source: string): void {
    if (!this.#skip(source)) this.#refuse()
  }

  #refuse(): never {
    const { source } = this.#tokens.token
    throw new Refusal(`a callback of a pipeline must be one plain expression, which cannot contain \`${source}\``)
  }
}

function bind(names: string[], name: string): string {
  const isTaken =
    reserved.test(name) || Object.hasOwn(constants, name) || functions.some((known) => known.split('.')[0] === name)
  if (isTaken || names.includes(name)) throw new Refusal(`\`${name}\` cannot be the name of a parameter here`)
  names.push(checkName(name))
  return name
}
