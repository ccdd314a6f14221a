// Ids: a prefix, `_`, and 12 base62 characters in byte order. The first 6 encode the second, so that ids sort by time.
// The last 6 are random, so that ids can be neither counted nor guessed.

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const digits = 6
/** Bytes from this value on are discarded: they would make some characters likelier than others. */
const byteLimit = Math.floor(256 / alphabet.length) * alphabet.length
const poolBytes = 1_024

declare const entityIdBrand: unique symbol
export type EntityId = string & { readonly [entityIdBrand]: true }

/** Fresh random bytes. */
export type Random = (count: number) => Uint8Array

/** Makes ids such as `contact_1VbZ0kQ3x9Ta`. */
export function idMaker(options: {
  readonly random: Random
}): (request: { readonly prefix: string; readonly nowMs: number }) => string {
  let pool: Uint8Array = new Uint8Array(0)
  let at = 0
  let second = -1
  let secondText = ''
  return ({ prefix, nowMs }) => {
    const now = Math.floor(nowMs / 1_000)
    if (now !== second) [second, secondText] = [now, formatIdSecond(now)]
    let text = `${prefix}_${secondText}`
    for (let count = 0; count < digits;) {
      if (at === pool.length) [pool, at] = [options.random(poolBytes), 0]
      const byte = pool[at++] as number
      if (byte >= byteLimit) continue
      text += alphabet[byte % alphabet.length]
      count++
    }
    return text
  }
}

/** Returns the half of an id that encodes its second. */
export function formatIdSecond(second: number): string {
  let text = ''
  for (let rest = second, count = 0; count < digits; count++) {
    text = alphabet[rest % alphabet.length] + text
    rest = Math.floor(rest / alphabet.length)
  }
  return text
}

const idPattern = /^([a-z][a-z0-9]*)_([0-9A-Za-z]{12})$/

/** Returns undefined if the string is not an id. `secondMs` is the second in which the id was made, in milliseconds. */
export function parseId(text: string): { readonly prefix: string; readonly secondMs: number } | undefined {
  const match = idPattern.exec(text)
  if (match === null) return undefined
  let second = 0
  for (const character of (match[2] as string).slice(0, digits))
    second = second * alphabet.length + alphabet.indexOf(character)
  return { prefix: match[1] as string, secondMs: second * 1_000 }
}

export function isEntityId(text: string): text is EntityId {
  return idPattern.test(text)
}

/** A longer string is a mistake, and too long for an error message. */
const idLengthMax = 64

/**
 * Whether the string has the form of this Noun's ids. The number of characters after the prefix does not matter: an id
 * of another length names no entity, so looking it up answers `not_found`.
 */
export function isEntityIdOf(noun: { readonly idPrefix: string }, text: string): boolean {
  const prefix = `${noun.idPrefix}_`
  return text.startsWith(prefix) && text.length <= idLengthMax && /^[0-9A-Za-z]+$/.test(text.slice(prefix.length))
}

/** Returns the second in which an event's id was made, in milliseconds, or undefined if it is not an event's id. */
export function parseEventId(text: string): number | undefined {
  const parsed = parseId(text)
  return parsed?.prefix === 'evt' ? parsed.secondMs : undefined
}
