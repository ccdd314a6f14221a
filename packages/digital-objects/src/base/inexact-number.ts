// Numbers of a text that JavaScript's numbers cannot hold: 9007199254740993 would silently become 9007199254740992. A whole
// number is exact if it has the value of its text, or is the shortest text of its value, as languages write a double.
// Numbers with a fraction are doubles everywhere, so rounding them is what their type does.

export interface InexactNumber {
  /** Field names and list indexes, starting at the whole value. */
  readonly path: readonly string[]
  readonly text: string
}

/** Completes a message `value ...`. */
export function inexactNumberFault(text: string): string {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text
  return `expects a number that a double holds exactly, got ${shown}; send it as a string`
}

/** The text is a decimal numeral such as `-12.50e3`. */
export function isExactNumeral(text: string): boolean {
  const value = Number(text)
  if (!Number.isFinite(value)) return false
  // Whole numbers below 2 ** 53 are exact, and smaller numbers with a fraction are rounded by design.
  if (Math.abs(value) < 2 ** 53) return true
  const given = decimalOf(text)
  if (given.exponent < 0) return true
  const shortest = decimalOf(String(value))
  if (given.digits === shortest.digits && given.exponent === shortest.exponent) return true
  const digits = BigInt(value).toString().replace(/^-/, '')
  return digits.replace(/0+$/, '') === given.digits && digits.length === given.digits.length + given.exponent
}

interface Decimal {
  /** Without leading and trailing zeros. */
  readonly digits: string
  /** The power of ten by which `digits`, as a whole number, is multiplied. Negative if there is a fraction. */
  readonly exponent: number
}

function decimalOf(text: string): Decimal {
  const [, whole = '', fraction = '', power = '0'] = /^[-+]?(\d*)\.?(\d*)(?:e([-+]?\d+))?$/i.exec(text) ?? []
  const all = `${whole}${fraction}`.replace(/^0+/, '')
  const digits = all.replace(/0+$/, '')
  return { digits, exponent: Number(power) - fraction.length + (all.length - digits.length) }
}

/** A whole number from 2 ** 53 on has 16 characters, or an exponent. */
const mayBeInexact = /[\d.]{16}|\de\+?\d/i
const tokens = /"([^"\\]*(?:\\.[^"\\]*)*)"|-?\d+(?:\.\d+)?(?:e[-+]?\d+)?|[{}[\],:]/gi

/** Returns the first inexact number. Expects a text that `JSON.parse` accepts. */
export function findInexactNumber(json: string): InexactNumber | undefined {
  if (!mayBeInexact.test(json)) return undefined
  const path: { isList: boolean; at: string }[] = []
  let latest = ''
  for (const [token, text] of json.matchAll(tokens)) {
    const inner = path.at(-1)
    switch (token) {
      case '{':
      case '[':
        path.push({ isList: token === '[', at: '0' })
        break
      case '}':
      case ']':
        path.pop()
        break
      case ',':
        if (inner?.isList === true) inner.at = String(Number(inner.at) + 1)
        break
      case ':':
        if (inner !== undefined) inner.at = String(JSON.parse(latest))
        break
      default:
        if (text !== undefined) latest = token
        else if (!isExactNumeral(token)) return { path: path.map(({ at }) => at), text: token }
    }
  }
  return undefined
}
