// The flags of lists of events: where a page begins, and how long it is.

import { type Flag, wholeNumber } from './flag.ts'
import type { FlagValues } from './parse-flags.ts'

export const seqMax = 999_999_999_999_999
export const after: Flag = {
  name: 'after',
  kind: 'value',
  placeholder: '<seq>',
  about: 'only events after this one',
  parse: wholeNumber(0, seqMax),
}
export const limit: Flag = {
  name: 'limit',
  kind: 'value',
  placeholder: '<number>',
  about: 'page size; default 100',
  parse: wholeNumber(1, 1_000),
}

/** The options of the client. */
export function listOptions(flags: FlagValues): { readonly after?: number; readonly limit?: number } {
  const [from, most] = [flags.number('after'), flags.number('limit')]
  return { ...(from === undefined ? {} : { after: from }), ...(most === undefined ? {} : { limit: most }) }
}
