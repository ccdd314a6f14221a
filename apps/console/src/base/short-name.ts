// The short name of a business, from what a person types as its name.

const charactersMax = 64

/** Letters lose their accents and everything else becomes a hyphen. A hyphen at the end stays, since more may follow. */
export function shortName(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll('æ', 'ae')
    .replaceAll('ø', 'o')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, charactersMax)
}
