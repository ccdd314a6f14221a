// Data as text and as code in Markdown.

/** Escapes everything that Markdown or HTML would interpret, addresses included, and keeps the text on its line. */
export function markdownText(text: string): string {
  return onOneLine(text).replace(/[\\`*_{}[\]()<>#+!|~&$@]|:(?=\/\/)|(?<=www)\./gi, '\\$&')
}

/** An address as the destination of a link. */
export function markdownUrl(url: string): string {
  return url.replace(/[()<>\\\s]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** Code in a line. */
export function markdownCode(text: string): string {
  const ticks = '`'.repeat(longestTicks(text) + 1)
  const space = /^[` ]|[` ]$/.test(text) ? ' ' : ''
  return `${ticks}${space}${onOneLine(text)}${space}${ticks}`
}

/** A block of code. */
export function markdownBlock(text: string): string {
  const fence = '`'.repeat(Math.max(longestTicks(text) + 1, 3))
  return `${fence}\n${text}\n${fence}`
}

function longestTicks(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
}

function onOneLine(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
}
