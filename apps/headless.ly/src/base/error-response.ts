// The answers to errors, and to paths without a route.

import { ObjectError } from 'digital-objects'
import type { Env } from './env.ts'
import { errorToData } from './error-to-data.ts'
import { problemResponse } from './problem.ts'

interface Failed {
  readonly request: Pick<Request, 'method' | 'url'>
  readonly env: Pick<Env, 'LAKE_SYNC'>
}

export async function errorResponse(error: unknown, { request, env }: Failed): Promise<Response> {
  const { data, log } = await errorToData(error, env)
  return problemResponse(data, log ? { log: { error: toError(error), request: describe(request) } } : {})
}

export function notFound(failed: Failed): Promise<Response> {
  const path = pathOf(failed.request).slice(0, 200)
  const message = `nothing is at '${path}'; entities are at /~{tenant}/{Entity}`
  return errorResponse(new ObjectError({ code: 'not_found', field: 'path', message }), failed)
}

/** Method and path, which names the tenant; a query may hold what people wrote. */
function describe(request: Failed['request']): string {
  return `${request.method} ${pathOf(request).slice(0, 200)}`
}

/** The path as it arrived. */
function pathOf({ url }: Failed['request']): string {
  return /^[a-z]+:\/\/[^/?#]*([^?#]*)/i.exec(url)?.[1] ?? url
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
