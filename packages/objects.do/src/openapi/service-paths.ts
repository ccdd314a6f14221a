// The paths of services' routes in the OpenAPI document. Each route is in it by its path and its sentence; `RouteDocument` adds the rest.

import type { RouteDocument, Service, ServiceRoute } from '@dotdo/service'
import { headerRefs, type Json, problems, type ResponseAbout } from './components.ts'
import type { PathItems } from './path-items.ts'

type Route = Pick<ServiceRoute, 'path' | 'method' | 'about' | 'document' | 'takesBytes'>

export type DocumentedService = Pick<Service, 'name' | 'about'> & { readonly routes?: readonly Route[] }

/** Beginnings of paths that are in no document of this API, each with the reason. */
export const describedElsewhere: Readonly<Record<string, string>> = {
  '/scim/': 'SCIM describes itself, at /scim/v2/Schemas and /scim/v2/ResourceTypes.',
}

/** Paths that the document has already are left as they are. */
export function addServicePaths(paths: PathItems, services: readonly DocumentedService[]): void {
  for (const route of routesOf(services)) {
    if (paths.items[route.path]?.[route.method.toLowerCase()] !== undefined) continue
    const { parameters = {} } = route.document ?? {}
    const described = Object.entries(parameters).map(
      ([name, { about, schema = { type: 'string' } }]) => [name, { about, schema }] as const,
    )
    paths.add(route.path, {
      method: route.method,
      operation: {
        tags: [tagOf(route)],
        operationId: [...wordsOf(route.path), route.method.toLowerCase()].join('.'),
        summary: summaryOf(route.about),
        description: route.about,
        parameters: paths.parameters(Object.fromEntries(described)),
        ...bodyOf(route),
        responses: paths.responses({ '2XX': answerOf(route.document), ...problems }),
      },
      variables: [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => variableOf(name)),
    })
  }
}

/** A tag for each first word of the paths that `addServicePaths` adds. */
export function serviceTags(services: readonly DocumentedService[], others: readonly string[]): readonly Json[] {
  const abouts = services.flatMap((service) =>
    routesOf([service]).map((route) => [tagOf(route), `Routes of ${service.name}. ${service.about}`] as const),
  )
  return [...new Map(abouts)]
    .filter(([name]) => !others.includes(name))
    .map(([name, description]) => ({ name, description }))
}

function routesOf(services: readonly DocumentedService[]): readonly Route[] {
  const skipped = Object.keys(describedElsewhere)
  return services
    .flatMap(({ routes = [] }) => routes)
    .filter(({ path }) => !skipped.some((beginning) => path.startsWith(beginning)))
}

function tagOf({ path }: Route): string {
  return path.split('/')[1] ?? ''
}

/** The words of a path and the names of its variables. */
function wordsOf(path: string): readonly string[] {
  return path.slice(1).replaceAll(/[{}]/g, '').split('/')
}

/** The first part of a sentence that has no examples. */
function summaryOf(about: string): string {
  return (about.split(/[:;]/)[0] ?? '').replace(/\.$/, '')
}

function variableOf(name: string): Json {
  return {
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1 },
    description: `The ${name} in the path.`,
  }
}

function bodyOf({ method, takesBytes, document }: Route): Json {
  if (method === 'GET' || method === 'DELETE') return {}
  const any = { isRequired: false, mediaType: 'application/octet-stream', schema: {} }
  const fields = { isRequired: false, schema: { type: 'object' } }
  const body: NonNullable<RouteDocument['body']> = document?.body ?? (takesBytes === true ? any : fields)
  const { isRequired, mediaType = 'application/json', schema } = body
  return { requestBody: { required: isRequired, content: { [mediaType]: { schema } } } }
}

function answerOf({ answer }: RouteDocument = {}): ResponseAbout {
  const { about = 'The answer', mediaType = 'application/json', schema = {} } = answer ?? {}
  return {
    description: about,
    headers: headerRefs('X-Headlessly-Bookmark'),
    content: { [mediaType]: { schema } },
  }
}
