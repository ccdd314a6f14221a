// Requests that a tool makes of its tenant. They take the way of REST, with the authority of the tool's caller, so that the
// interface has no rules of its own.

import { isPlainObject } from 'digital-objects'
import { errorResponse } from '../base/error-response.ts'
import type { Handler, Visit } from '../base/visit.ts'

export interface TenantRequest {
  readonly method?: 'GET' | 'POST'
  /** Segments of the path below the tenant. */
  readonly path: readonly string[]
  /** Parameters without a value are left out. */
  readonly parameters?: Readonly<Record<string, string | undefined>>
  readonly body?: object
  /** The approval about which the person behind the client has answered a question. */
  readonly answers?: string
}

export interface TenantReply {
  readonly isOk: boolean
  readonly status: number
  /** The answer's JSON, or the problem document; an empty object if it has neither. */
  readonly body: Readonly<Record<string, unknown>>
  /** The commit that the request made. */
  readonly commit?: string
}

export type AskTenant = (request: TenantRequest) => Promise<TenantReply>

/** `answer` handles every path of a tenant. */
export function tenantRequests(visit: Visit, answer: Handler): AskTenant {
  return async (request) => {
    const response = await answerWithin(innerVisit(visit, request), answer)
    const body: unknown = response.status === 204 ? {} : await response.json()
    const commit = response.headers.get('x-headlessly-commit')
    return {
      isOk: response.ok,
      status: response.status,
      body: isPlainObject(body) ? body : {},
      ...(commit === null ? {} : { commit }),
    }
  }
}

async function answerWithin(visit: Visit, answer: Handler): Promise<Response> {
  try {
    return await answer(visit)
  } catch (error) {
    return errorResponse(error, visit)
  }
}

function innerVisit(visit: Visit, { method = 'GET', path, parameters = {}, body, answers }: TenantRequest): Visit {
  const { target, caller } = visit
  const given = Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  const search = given.map(([name = '', value = '']) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
  const query = search.length === 0 ? '' : `?${search.join('&')}`
  const pathname = [`/~${caller.tenant}`, ...path.map(encodeURIComponent)].join('/')
  const url = `${target.origin}${pathname}${query}`
  const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
  const inner = { via: 'mcp', ...(answers === undefined ? {} : { answers }) } as const
  return {
    ...visit,
    request: new Request(url, { method, ...json }),
    caller: { ...caller, ...inner },
    renewed: async () => ({ ...(await visit.renewed()), ...inner }),
    target: {
      ...target,
      path: `${pathname}${query}`,
      search: query,
      segments: [`~${caller.tenant}`, ...path],
      below: path,
      parameters: Object.fromEntries(given),
    },
  }
}
