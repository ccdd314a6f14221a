// Numbers as people of a language write them: 1,250.50 in English, 1.250,50 in German.

export type DecimalMark = '.' | ','

/** Groups of thousands are read as such in the language, and both marks together in any; undefined if it is no number. */
export function parseNumber(text: string, mark: DecimalMark): number | undefined {
  const plain = text.trim().replaceAll(/(?<=\d)[\s'’](?=\d)/g, '')
  const other = mark === '.' ? ',' : '.'
  for (const [decimal, group] of [
    [mark, other],
    [other, mark],
  ] as const) {
    const parts = plain.split(decimal)
    const [whole = '', fraction = '0'] = parts
    const isGrouped = new RegExp(`^-?\\d{1,3}(?:\\${group}\\d{3})+$`).test(whole)
    // Groups of the other language alone, such as 1.250, are a fraction in this one.
    if (
      parts.length <= 2 &&
      /^\d+$/.test(fraction) &&
      (/^-?\d+$/.test(whole) || (isGrouped && (decimal === mark || parts.length === 2)))
    )
      return Number(`${whole.replaceAll(group, '')}.${fraction}`)
  }
  return undefined
}

/** A text that `parseNumber` reads as the number again. */
export function numberText(value: number, mark: DecimalMark): string {
  return String(value).replace('.', mark)
}
