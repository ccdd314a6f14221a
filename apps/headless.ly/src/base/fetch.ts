// The form of a request handler of the platform.

import type { ExecutionContext } from 'hono'

export type Fetch<Env, Context = ExecutionContext> = (
  request: Request,
  env: Env,
  context: Context,
) => Response | Promise<Response>
