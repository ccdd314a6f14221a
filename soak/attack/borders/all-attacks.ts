// All attacks on borders. A name occurs once.

import type { BorderAttack } from './border-attack.ts'
import { endingAttacks } from './ending-attacks.ts'
import { lakeAttacks } from './lake-attacks.ts'
import { liveAttacks } from './live-attacks.ts'
import { oauthAttacks } from './oauth-attacks.ts'
import { originAttacks } from './origin-attacks.ts'
import { proofAttacks } from './proof-attacks.ts'
import { readAttacks } from './read-attacks.ts'
import { serviceAttacks } from './service-attacks.ts'
import { sessionAttacks } from './session-attacks.ts'
import { signInAttacks } from './sign-in-attacks.ts'
import { writeAttacks } from './write-attacks.ts'

export const borderAttacks: readonly BorderAttack[] = [
  ...readAttacks,
  ...writeAttacks,
  ...proofAttacks,
  ...originAttacks,
  ...lakeAttacks,
  ...serviceAttacks,
  ...sessionAttacks,
  ...liveAttacks,
  ...oauthAttacks,
  ...signInAttacks,
  ...endingAttacks,
]
