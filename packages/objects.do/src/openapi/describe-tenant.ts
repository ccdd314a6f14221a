// Generates the OpenAPI 3.1 document from operations and Nouns. It names none of them, so new ones are included without a
// change here.

import { describeSchema, type NounSchema, type Verb } from 'digital-objects'
import { codePath } from './code-path.ts'
import { commonSchemas, headers, type Json, jsonBody, problem, responses } from './components.ts'
import { nounSchemas } from './noun-schemas.ts'
import type { Method, Operation, Route } from './operation.ts'
import { codeHeaders, type Parameter, type ParametersAbout } from './parameters.ts'

export interface DocumentOptions {
  readonly operations: readonly Operation[]
  readonly nouns: readonly NounSchema[]
  readonly tenantUrl: string
}

export function describeTenant({ operations, tenantUrl, ...given }: DocumentOptions): Json {
  const nouns = given.nouns.map(describeSchema)
  const names = new Set(nouns.map(({ name }) => name))
  const paths = new PathItems()
  for (const noun of nouns) for (const operation of operations) addNounPaths(paths, operation, noun)
  for (const operation of operations) addTenantPaths(paths, operation)
  paths.add('/do', { method: 'post', operation: { ...codePath, parameters: paths.parameters(codeHeaders) } })
  return {
    openapi: '3.1.0',
    info: {
      title: 'headless.ly',
      version: '0.1.0',
      description: 'Typed entities in one graph; every change an immutable event; any past state readable.',
    },
    servers: [{ url: tenantUrl }],
    tags: nouns.map(({ name, about }) => ({ name, ...(about === undefined ? {} : { description: about }) })),
    paths: paths.items,
    components: {
      schemas: { ...Object.assign({}, ...nouns.map((noun) => nounSchemas(noun, names))), ...commonSchemas },
      parameters: paths.components,
      responses,
      headers,
    },
  }
}

interface PathItem {
  readonly method: Lowercase<Method>
  readonly operation: Json
  /** The path's parameters. */
  readonly variables?: readonly Json[]
}

/** Collects the document's paths, and the parameters that they refer to. */
class PathItems {
  readonly items: Record<string, Record<string, unknown>> = {}
  readonly components: Record<string, Json> = {}

  add(path: string, item: PathItem): void {
    const { method, operation, variables = [] } = item
    this.items[path] ??= variables.length === 0 ? {} : { parameters: variables }
    this.items[path][method] = operation
  }

  parameters(described: ParametersAbout): readonly Json[] {
    return Object.entries(described).map(([name, parameter]) => {
      const { component } = parameter
      if (component === undefined) return toParameter(name, parameter)
      this.components[component] ??= toParameter(name, parameter)
      return { $ref: `#/components/parameters/${component}` }
    })
  }
}

function toParameter(name: string, { about, schema, in: place }: Parameter): Json {
  return { name, in: place ?? 'query', schema, description: about }
}

function addNounPaths(paths: PathItems, operation: Operation, noun: NounSchema): void {
  for (const route of operation.routes) {
    if (!route.path.includes('{Noun}')) continue
    const verbs = route.path.includes('{verb}')
      ? Object.values(noun.verbs).filter(({ category }) => category === 'custom')
      : [undefined]
    for (const verb of verbs) {
      if (operation.isOffered?.({ noun, verb, path: route.path }) === false) continue
      addPath(paths, { operation, route, noun, verb })
    }
  }
}

interface NounPath {
  readonly operation: Operation
  readonly route: Route
  readonly noun: NounSchema
  readonly verb: Verb | undefined
}

function addPath(paths: PathItems, given: NounPath): void {
  const { operation, route, noun, verb } = given
  const { name } = noun
  const path = route.path.replace('{Noun}', name).replace('{verb}', verb?.name ?? '')
  const about = operation.about
    .replaceAll('{Noun}', name)
    .replaceAll('{verb}', verb?.name ?? '')
    .replaceAll('{event}', verb?.event ?? '')
  // A verb that creates has two paths. The operation id of the one without an id ends in `.create`.
  const isSecondPath = verb !== undefined && !path.includes('{id}')
  const operationId = `${name}.${verb?.name ?? operation.name}${isSecondPath ? '.create' : ''}`
  const described = toOperation(paths, operation, { noun: name, path: route.path })
  // PUT does the same as PATCH, so the document lists only the first method.
  const [method = 'GET'] = route.methods
  paths.add(path, {
    method: lowerCases[method],
    operation: { tags: [name], operationId, summary: about, ...descriptionOf(given), ...described },
    variables: path.includes('{id}') ? [idOf(noun)] : [],
  })
}

/** Returns the description of the verb that a write performs. */
function descriptionOf({ operation, noun, verb: custom }: NounPath): Json {
  const verb = custom ?? (operation.kind === 'write' ? noun.verbs[operation.name] : undefined)
  return verb?.description === undefined ? {} : { description: verb.description }
}

function addTenantPaths(paths: PathItems, operation: Operation): void {
  const { listedAs, about } = operation
  if (listedAs === undefined) return
  const { tag, operationId } = listedAs
  for (const route of operation.routes) {
    const described = toOperation(paths, operation, { noun: '', path: route.path })
    const names = [...route.path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? [])
    const [method = 'GET'] = route.methods
    paths.add(route.path, {
      method: lowerCases[method],
      operation: { tags: [tag], operationId, summary: about, ...described },
      variables: names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    })
  }
}

function toOperation(
  paths: PathItems,
  operation: Operation,
  described: { readonly noun: string; readonly path: string },
): Json {
  const { body } = operation
  return {
    parameters: paths.parameters(operation.parameters),
    ...(body === undefined ? {} : { requestBody: { required: body.isRequired, ...jsonBody(body.schema(described)) } }),
    responses: { ...operation.responses(described), ...problem },
  }
}

function idOf({ idPrefix }: NounSchema): Json {
  const schema = { type: 'string', pattern: `^${idPrefix}_[0-9A-Za-z]{12}$` }
  return { name: 'id', in: 'path', required: true, schema }
}

const lowerCases = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const
