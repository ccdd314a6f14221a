// The answers to errors, and to paths without a route.

import { ObjectError } from 'digital-objects'
import type { Context, ErrorHandler, NotFoundHandler } from 'hono'
import type { AppEnv } from '../base/app-env.ts'
import { errorToData } from '../base/error-to-data.ts'
import { problemResponse } from '../base/problem.ts'

export const onError: ErrorHandler<AppEnv> = async (error, c) => {
  const { data, log } = await errorToData(error, c.env)
  return problemResponse(data, log ? { log: { error, request: requestOf(c) } } : {})
}

export const notFound: NotFoundHandler<AppEnv> = (c) => {
  const message = `nothing is at '${c.req.path.slice(0, 200)}'; entities are at /~{tenant}/{Entity}`
  return onError(new ObjectError({ code: 'not_found', field: 'path', message }), c)
}

/** Method and path, which names the tenant; a query may hold what people wrote. */
function requestOf({ req }: Context<AppEnv>): string {
  return `${req.method} ${req.path.slice(0, 200)}`
}
