// Idempotency keys: which strings may be one. Every interface applies this rule, so that a key which one interface
// accepts is accepted by all of them.

export const keyCharactersMax = 255
/** Visible ASCII. Single spaces may separate words. */
const keyPattern = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/

/** The rule in words, for messages: `Idempotency-Key expects ...`. */
export const idempotencyKeyRule = `1 to ${keyCharactersMax} visible ASCII characters, words separated by single spaces`

export function isIdempotencyKey(value: unknown): value is string {
  return typeof value === 'string' && value.length <= keyCharactersMax && keyPattern.test(value)
}
