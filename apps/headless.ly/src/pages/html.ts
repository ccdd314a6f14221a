// HTML as a tagged template that escapes every value, so that no data can become markup.

/** Text that is HTML. */
export interface Html {
  readonly html: string
}

type Part = Html | string | number | readonly Html[]

export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: texts.reduce((text, next, at) => `${text}${partToHtml(parts[at - 1] ?? '')}${next}`) }
}

/** For text that is HTML already, and contains no data. */
export function trustedHtml(text: string): Html {
  return { html: text }
}

function partToHtml(part: Part): string {
  if (typeof part === 'string') return escapeHtml(part)
  if (typeof part === 'number') return String(part)
  if ('html' in part) return part.html
  return part.map((one) => one.html).join('')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Replaces characters that no HTML document may contain. */
function escapeHtml(text: string): string {
  return text
    .toWellFormed()
    .replace(/(?![\t\n])\p{Cc}|\p{Noncharacter_Code_Point}/gu, '\u{fffd}')
    .replace(/[&<>"']/g, (character) => entities[character] ?? '')
}
