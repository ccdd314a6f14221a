// Splits the source of a callback into tokens on demand, since only the parser knows whether a `}` continues a
// template. The engine has compiled the source, so it is valid JavaScript. A token read wrongly would be computed
// wrongly, so anything rare is refused.

export interface Token {
  readonly kind: 'name' | 'literal' | 'mark' | 'end'
  /** The token as written. */
  readonly source: string
  /** The value of a literal. */
  readonly value: string | number
  /** Whether a line ends before it. */
  readonly isOnNewLine: boolean
}

/** Thrown for source without an expression; the message is for the author. */
export class Refusal extends Error {}

/** Nobody writes a longer callback; the limit bounds the work of the patterns below. */
const sourceCharactersMax = 20_000

const between = /(?:\s|\/\/.*|\/\*[^]*?\*\/)*/y
const lineEnd = /[\n\r\u2028\u2029]/
const name = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy
const number = /0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?[\d_]+)?/y
const text = /(['"])((?:\\[^]|(?!\1)[^\\])*)\1/y
const mark = /\?\.(?!\d)|\.{3}|=>|[=!]==?|\*\*=?|\+\+|--|&&=?|\|\|=?|\?\?=?|>{1,3}=?|<{1,2}=?|[-+*/%&|^]=?|[^]/y
const templatePart = /((?:\\[^]|\$(?!\{)|[^\\`$])*)(`|\$\{)/y

export class SourceTokens {
  readonly #source: string
  #at = 0
  token: Token = { kind: 'end', source: '', value: '', isOnNewLine: false }

  constructor(source: string) {
    if (source.length > sourceCharactersMax) {
      throw new Refusal(`a callback of more than ${sourceCharactersMax} characters is too long to be sent`)
    }
    this.#source = source
    this.next()
  }

  next(): void {
    const isOnNewLine = lineEnd.test(this.#read(between)?.[0] ?? '')
    const found = (kind: Token['kind'], source = '', value: string | number = ''): void => {
      this.token = { kind, source, value, isOnNewLine }
    }
    let match: RegExpExecArray | undefined
    if ((match = this.#read(name))) found('name', match[0])
    else if ((match = this.#read(number))) found('literal', match[0], this.#numberOf(match[0]))
    else if ((match = this.#read(text))) found('literal', match[0], unescape(match[2] ?? ''))
    else if ((match = this.#read(mark))) found('mark', match[0])
    else found('end')
  }

  /** Reads from a "`" or the `}` of a template to the next `${` or its end. */
  templatePart(): { readonly text: string; readonly isLast: boolean } {
    const [, raw = '', end] = this.#read(templatePart) ?? []
    this.next()
    return { text: unescape(raw.replace(/\r\n?/g, '\n')), isLast: end === '`' }
  }

  #numberOf(source: string): number {
    // `017` is 15 or 17, and `1n` is not a number.
    if (/^0[\d_]/.test(source) || this.#read(name)) throw new Refusal(`a number cannot be written as \`${source}\``)
    return Number(source.replaceAll('_', ''))
  }

  #read(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#source)
    if (match === null) return undefined
    this.#at = pattern.lastIndex
    return match
  }
}

const escapes: Readonly<Record<string, string>> = { 0: '\0', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }

function unescape(raw: string): string {
  return raw.replace(
    /\\(?:u\{([\da-fA-F]+)\}|u([\da-fA-F]{4})|x([\da-fA-F]{2})|(\r\n|0(?!\d)|[^\dux])|.)/g,
    (source: string, ...[braced, four, two, other]: [string?, string?, string?, string?]) => {
      const hex = braced ?? four ?? two
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
      // `\07` is octal in some programs and an error in others.
      if (other === undefined) throw new Refusal(`a string cannot contain \`${source}\``)
      return lineEnd.test(other) ? '' : (escapes[other] ?? other)
    },
  )
}
