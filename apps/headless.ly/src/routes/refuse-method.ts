// The answer for a path that exists and a method that it does not have.

import type { Handler } from 'hono'
import type { AppEnv } from '../base/app-env.ts'
import { problemResponse } from '../base/problem.ts'

/** `allow`: `GET, HEAD`. */
export function refuseMethod(allow: string): Handler<AppEnv> {
  return (c) => {
    const message = `${c.req.method.slice(0, 20)} is not for this path; allowed: ${allow}`
    return problemResponse({ code: 'method_not_allowed', field: 'method', message }, { headers: { allow } })
  }
}
