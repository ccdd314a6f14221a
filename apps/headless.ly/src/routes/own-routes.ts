// Paths of a tenant that the front door answers itself, which are no operations of the tenant's object.

import type { Service } from '@dotdo/service'
import { refuseOthers, requireFullAuthority } from 'objects.do'
import type { Env } from '../base/env.ts'
import type { Handler } from '../base/visit.ts'
import { auditingRefusals } from '../identity/audit.ts'
import type { OpenRoute } from '../identity/open-routes.ts'
import { ticketRoute } from '../identity/socket-ticket.ts'
import { lakePageResponse } from '../lake/lake-routes.ts'
import { mcpRoute } from '../mcp/mcp-route.ts'
import { rpcResponse } from '../rpc/rpc-route.ts'
import { claim } from './claim.ts'
import { invitations } from './invitations.ts'
import { archiveResponse } from './tenant-archive.ts'
import { refuseMethod } from './refuse-method.ts'
import { serviceHandlers } from './services.ts'
import { describeForModels } from './tenant-pages.ts'

/** The handlers of one path. HEAD is answered as GET. */
export interface OwnRoute {
  readonly byMethod: ReadonlyMap<string, Handler>
  readonly refuse: Handler
  /** The methods whose handlers keep no more than a chunk of a body in memory. */
  readonly streaming?: readonly string[]
  /** The methods of services' routes that are open in some way. */
  readonly open?: ReadonlyMap<string, OpenRoute>
}

const rpc: Handler = (visit) => rpcResponse(visit)

/** The page has the keys of the tenant's whole lake. */
const lake: Handler = (visit) => {
  refuseOthers(visit.target.parameters, [])
  const { env, caller, waitUntil } = visit
  const of = { env, tenant: caller.tenant, about: 'lake', waitUntil, caller }
  auditingRefusals(of, () => requireFullAuthority(caller, 'the lake'))
  return visit.inWork(() =>
    lakePageResponse({ ...visit, tenant: caller.tenant, principal: caller.authority.through?.id }),
  )
}

/** The archive has everything of the tenant but its secrets. */
const archive: Handler = (visit) => {
  refuseOthers(visit.target.parameters, [])
  const { env, caller, waitUntil } = visit
  const of = { env, tenant: caller.tenant, about: 'archive', waitUntil, caller }
  auditingRefusals(of, () => requireFullAuthority(caller, 'the archive'))
  return visit.inWork(() => archiveResponse({ env, caller }))
}

export interface OwnRoutes {
  /** By their path below the tenant, which may have variables: `functions/{name}`. */
  readonly all: ReadonlyMap<string, OwnRoute>
  readonly find: (segments: readonly string[]) => OwnRoute | undefined
}

/** `answer` handles every path of a tenant. */
export function ownRoutes(services: readonly Service<Env>[], answer: Handler): OwnRoutes {
  const routes = new Map<string, OwnRoute>([
    // A WebSocket starts as a GET; any other GET is refused with a sentence about that.
    [
      'rpc',
      {
        byMethod: new Map([...toMethod('POST', rpc), ...toMethod('GET', rpc)]),
        refuse: ({ request }) => refuseMethod(request, 'POST'),
      },
    ],
    ['mcp', toRoute(toMethod('POST', mcpRoute(answer)))],
    ['lake', toRoute(toMethod('GET', lake))],
    ['archive', toRoute(toMethod('GET', archive))],
    ['invitations', toRoute(toMethod('POST', invitations))],
    ['claim', toRoute(toMethod('POST', claim))],
    ['ticket', toRoute(toMethod('POST', ticketRoute))],
    ['llms.txt', toRoute(toMethod('GET', (visit) => describeForModels(visit, services)))],
  ])
  for (const [path, handlers] of Map.groupBy(serviceHandlers(services), (one) => one.path.slice(1)))
    routes.set(path, {
      ...toRoute(handlers.flatMap(({ method, handler }) => toMethod(method, handler))),
      streaming: handlers.flatMap(({ method, takesBytes }) => (takesBytes ? [method] : [])),
      open: new Map(handlers.map(({ method, route }) => [method, route])),
    })
  const longer = [...routes]
    .map(([path, route]) => ({ parts: path.split('/'), route }))
    .filter(({ parts }) => parts.length > 1)
  return {
    all: routes,
    find: (segments) =>
      segments.length === 1
        ? routes.get(segments[0] ?? '')
        : longer.find(({ parts }) => isPath(parts, segments))?.route,
  }
}

function isPath(parts: readonly string[], segments: readonly string[]): boolean {
  return (
    parts.length === segments.length &&
    parts.every((part, at) => (part.startsWith('{') ? segments[at] !== '' : segments[at] === part))
  )
}

type Methods = readonly (readonly [method: string, handler: Handler])[]

function toMethod(method: string, handler: Handler): Methods {
  return method === 'GET'
    ? [
        ['GET', handler],
        ['HEAD', handler],
      ]
    : [[method, handler]]
}

function toRoute(methods: Methods): OwnRoute {
  const byMethod = new Map(methods)
  const allow = [...byMethod.keys()].join(', ')
  return { byMethod, refuse: ({ request }) => refuseMethod(request, allow) }
}
