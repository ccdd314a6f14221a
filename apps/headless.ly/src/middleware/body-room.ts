// Middleware: refuses a request whose body finds no room beside those in progress.

import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../base/app-env.ts'
import { bodyRoomOf, declaredBytes } from '../base/body-room.ts'

export const bodyRoom: MiddlewareHandler<AppEnv> = (c, next) => {
  const bytes = declaredBytes(c.req.raw)
  return bytes === 0 ? next() : bodyRoomOf(c.env).hold(c.get('caller').tenant, bytes, next)
}
