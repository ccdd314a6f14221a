// Whether the caller of a command may do everything, by its own authority: what a principal may is more than what a key or a grant of
// it may.

import { isPlainObject, tryParseJson } from 'digital-objects'
import type { CommandCaller } from './service.ts'

export async function mayDoEverything({
  isStranger,
  answer,
}: Pick<CommandCaller, 'isStranger' | 'answer'>): Promise<boolean> {
  if (isStranger) return false
  const asked = await answer({ kind: 'read', read: 'whoami', parameters: {} })
  const body = asked.ok ? tryParseJson(asked.body) : undefined
  return isPlainObject(body) && body['mayDoEverything'] === true
}
