// The begin of a tenant without data, which a message may try and must not make.

import type { FirstWrite } from '@dotdo/do'

export class Begin {
  /** Thrown by the first write that would be accepted. The others need not be tried. */
  first: FirstWrite | undefined
}
