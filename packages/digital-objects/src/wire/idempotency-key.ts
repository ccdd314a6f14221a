// The format of idempotency keys. Every interface applies this rule, so that all of them accept the same keys.

export const keyCharactersMax = 255
/** Visible ASCII. Single spaces may separate words. */
const keyPattern = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/

/** Completes the message `Idempotency-Key expects ...`. */
export const idempotencyKeyRule = `1 to ${keyCharactersMax} visible ASCII characters, words separated by single spaces`

export function isIdempotencyKey(value: unknown): value is string {
  return typeof value === 'string' && value.length <= keyCharactersMax && keyPattern.test(value)
}
