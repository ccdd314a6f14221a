// Refuses what a page of a foreign origin could do without being allowed to read the answer, which is to write, to run code
// and to listen.

import type { Env } from './env.ts'
import { isLive } from './is-live.ts'
import { checkLocalOrigin } from './local-only.ts'

const harmlessMethods = ['GET', 'HEAD', 'OPTIONS']

/** Throws an ObjectError `forbidden`. */
export function checkOrigin(request: Request, { ALLOWED_HOSTS }: Pick<Env, 'ALLOWED_HOSTS'>): void {
  const origin = request.headers.get('origin')
  if (origin === null || (harmlessMethods.includes(request.method) && !isLive(request))) return
  checkLocalOrigin(origin, ALLOWED_HOSTS)
}
