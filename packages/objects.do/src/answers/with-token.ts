// A verdict on a key, cut to the token that stands for it.

import type { TokenProof, Verdict } from '@dotdo/service'
import type { KeyVerdict } from './answer.ts'

export function withToken(verdict: Verdict, { endsMs, onlyAt }: TokenProof): KeyVerdict {
  const { endsMs: grantEndsMs = endsMs } = verdict
  return { ...verdict, endsMs: Math.min(endsMs, grantEndsMs), ...(onlyAt === undefined ? {} : { onlyAt }) }
}
