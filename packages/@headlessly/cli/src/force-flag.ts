// `--force` of a write: the reason for which an administrator forces it.

import { forceReasonRule, isForceReason } from 'digital-objects'
import { Expected, type Flag } from './flag.ts'
import type { FlagValues } from './parse-flags.ts'

export const forceFlag: Flag = {
  name: 'force',
  kind: 'value',
  placeholder: '<reason>',
  about: 'force the write past transitions and frozen fields; the event records the reason',
  parse: (text) => {
    if (isForceReason(text)) return text
    throw new Expected(forceReasonRule)
  },
}

/** The option of the client. */
export function forceOf(flags: FlagValues): { readonly force?: string } {
  const force = flags.text('force')
  return force === undefined ? {} : { force }
}
