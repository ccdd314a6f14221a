// Middleware: lets a request wait, or refuses it, while too many of its tenant are in work.

import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from '../base/app-env.ts'
import { requestRoomOf } from '../base/request-room.ts'

export const requestRoom: MiddlewareHandler<AppEnv> = (c, next) =>
  requestRoomOf(c.env).run(c.get('caller').tenant, next)
