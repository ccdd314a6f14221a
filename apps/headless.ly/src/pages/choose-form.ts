// Content negotiation: chooses the form of an answer by the request's Accept header (RFC 9110, 12.5.1).

interface Range {
  readonly type: string
  readonly weight: number
}

/**
 * Returns the form whose media type the header prefers. Among equals, a type that is named comes before one that a wildcard
 * covers, and then the order of `forms` decides, so the first is for clients that have no preference. It is also for clients
 * that accept none of them: an answer that they may ignore helps more than a refusal.
 */
export function chooseForm<Form extends string>(
  accept: string | null,
  forms: readonly [first: readonly [Form, string], ...others: (readonly [Form, string])[]],
): Form {
  let [chosen] = forms[0]
  const ranges = parseAccept(accept ?? '*/*')
  let best = { weight: 0, specificity: 0 }
  for (const [form, type] of forms) {
    const match = matchOf(type, ranges)
    const isBetter =
      match.weight > best.weight || (match.weight === best.weight && match.specificity > best.specificity)
    if (match.weight === 0 || !isBetter) continue
    chosen = form
    best = match
  }
  return chosen
}

/** The most specific range decides. */
function matchOf(type: string, ranges: readonly Range[]): { readonly weight: number; readonly specificity: number } {
  const covering = ['*/*', `${type.slice(0, type.indexOf('/'))}/*`, type]
  for (let specificity = covering.length; specificity > 0; specificity--) {
    const same = ranges.filter((range) => range.type === covering[specificity - 1])
    if (same.length > 0) return { specificity, weight: Math.max(...same.map(({ weight }) => weight)) }
  }
  return { specificity: 0, weight: 0 }
}

/** A range whose weight is malformed is ignored. */
function parseAccept(accept: string): readonly Range[] {
  return accept.split(',').flatMap((part) => {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    const given = parameters.find((parameter) => /^q\s*=/.test(parameter))?.replace(/^q\s*=\s*/, '')
    if (given !== undefined && !/^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(given)) return []
    return [{ type, weight: given === undefined ? 1 : Number(given) }]
  })
}
