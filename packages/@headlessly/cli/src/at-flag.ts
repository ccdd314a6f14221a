// `--at` of a write: the time at which it happened.

import { parseDatetime } from 'digital-objects'
import { Expected, type Flag } from './flag.ts'
import type { FlagValues } from './parse-flags.ts'

export const atFlag: Flag = {
  name: 'at',
  kind: 'value',
  placeholder: '<timestamp>',
  about: 'the time at which it happened, if that is earlier: 2026-01-15T10:00:00Z',
  parse: (text) => {
    if (parseDatetime(text) !== undefined) return text
    throw new Expected('a timestamp with an offset, such as 2026-01-15T10:00:00Z')
  },
}

/** The option of the client. */
export function atOf(flags: FlagValues): { readonly at?: string } {
  const at = flags.text('at')
  return at === undefined ? {} : { at }
}
