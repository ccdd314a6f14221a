// What an answer says about its write, beyond the entity: that it repeats an earlier answer, or that nothing was changed.

import type { Written } from '@dotdo/do'
import type { Answered } from '../answers/answer.ts'

export function outcomeOf({
  isReplay,
  isUnchanged,
}: Pick<Written, 'isReplay' | 'isUnchanged'>): Pick<Answered, 'isReplay' | 'isUnchanged'> {
  return { ...(isReplay ? { isReplay } : {}), ...(isUnchanged ? { isUnchanged } : {}) }
}
