// The answer for a path that exists and a method that it does not have.

import { problemResponse } from '../base/problem.ts'

/** `allow`: `GET, HEAD`. `hint` says more about the path. */
export function refuseMethod({ method }: Pick<Request, 'method'>, allow: string, hint = ''): Response {
  const message = `${method.slice(0, 20)} is not for this path; allowed: ${allow}${hint}`
  return problemResponse({ code: 'method_not_allowed', field: 'method', message }, { headers: { allow } })
}
