// JSON in pages may leave parts out with `…`: in a string, as a whole value, as further members of an object, and as
// further items of a list.

const anything = '…'

/** Returns undefined for text that is not JSON otherwise. */
export function parseAbridged(text: string): unknown {
  // Outside of strings, the sign becomes a value that `isAbridged` knows: as a value, or as a member of an object.
  let [inString, escaped] = [false, false]
  const open: string[] = []
  let [json, last] = ['', '']
  for (const sign of text) {
    if (inString) {
      inString = escaped || sign !== '"'
      escaped = sign === '\\' && !escaped
      json += sign
      continue
    }
    if (sign === '"') inString = true
    if (sign === '{' || sign === '[') open.push(sign)
    if (sign === '}' || sign === ']') open.pop()
    const isMember = open.at(-1) === '{' && last !== ':'
    json += sign !== anything ? sign : isMember ? `"${anything}":null` : `"${anything}"`
    if (sign.trim() !== '') last = sign
  }
  try {
    return JSON.parse(json)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Whether `value` is what `abridged` shows of it. */
export function isAbridged(abridged: unknown, value: unknown): boolean {
  if (abridged === anything) return true
  if (typeof abridged === 'string') return typeof value === 'string' && matchesText(abridged, value)
  if (Array.isArray(abridged)) {
    const isOpen = abridged.at(-1) === anything
    const items: readonly unknown[] = isOpen ? abridged.slice(0, -1) : abridged
    if (!Array.isArray(value) || (isOpen ? value.length < items.length : value.length !== items.length)) return false
    return items.every((item, at) => isAbridged(item, value[at]))
  }
  if (!isRecord(abridged)) return abridged === value
  if (!isRecord(value)) return false
  const isOpen = Object.hasOwn(abridged, anything)
  const names = Object.keys(abridged).filter((name) => name !== anything)
  if (!isOpen && Object.keys(value).length !== names.length) return false
  return names.every((name) => Object.hasOwn(value, name) && isAbridged(abridged[name], value[name]))
}

/** Compares text line by line; `…` stands for any part of a line, or for any lines. */
export function matchesText(abridged: string, text: string): boolean {
  const escape = (part: string): string => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const pattern = abridged
    .trimEnd()
    .split('\n')
    .map((line) => (line.trim() === anything ? '(?:.*\\n?)*?' : `${line.split(anything).map(escape).join('.*?')}\\n`))
    .join('')
  return new RegExp(`^${pattern}$`).test(`${text.trimEnd()}\n`)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
