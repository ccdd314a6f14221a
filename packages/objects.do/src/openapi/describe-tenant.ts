// Generates the OpenAPI 3.1 document from operations and Nouns. It names none of them, so new ones are included without a
// change here.

import { describeSchema, describeVerb, type NounSchema, secretNamePattern, type Verb } from 'digital-objects'
import { erasureSchemas } from './erasure-schemas.ts'
import { accessSchemas } from './access-schemas.ts'
import { commitSchemas } from './commit-schemas.ts'
import { commonSchemas } from './common-schemas.ts'
import { functionName, functionPaths, functionSchemas } from './function-paths.ts'
import { webhookSchemas } from './webhook-schemas.ts'
import { headers, type Json, problems } from './components.ts'
import { idPatternOf } from './field-schema.ts'
import { fieldParameters } from './list-parameters.ts'
import { logSchemas } from './log-schemas.ts'
import { nameSchemas } from './name-schemas.ts'
import { needsBody, verbPart } from './input-schemas.ts'
import { nounSchemas } from './noun-schemas.ts'
import type { Described, Operation, Route } from './operation.ts'
import { createHeaders } from './parameters.ts'
import { PathItems } from './path-items.ts'
import { productSchemas } from './product-schemas.ts'
import { reportSchemas } from './report-schemas.ts'
import { securityOf, securitySchemes } from './security.ts'
import { settingsSchemas } from './settings-schemas.ts'
import { addServicePaths, type DocumentedService, serviceTags } from './service-paths.ts'
import { addWorkerPaths, codePath, codeResponses, codeSchemas, liveQueryOf } from './worker-paths.ts'

export interface DocumentOptions {
  readonly operations: readonly Operation[]
  readonly nouns: readonly NounSchema[]
  readonly tenantUrl: string
  readonly services?: readonly DocumentedService[]
}

export function describeTenant({ operations, tenantUrl, services = [], ...given }: DocumentOptions): Json {
  const nouns = given.nouns.map(describeSchema)
  const byName = new Map(nouns.map((noun) => [noun.name, noun]))
  const names = new Set(byName.keys())
  const paths = new PathItems((name) => byName.get(name))
  for (const noun of nouns) {
    for (const operation of operations) addNounPaths(paths, operation, noun)
    paths.add(`/${noun.name}/live`, { method: 'GET', operation: liveQueryOf(paths, noun) })
  }
  for (const operation of operations) addTenantPaths(paths, operation)
  addCodePaths(paths)
  addWorkerPaths(paths)
  addServicePaths(paths, services)
  return nameSchemas({
    openapi: '3.1.0',
    info: {
      title: 'headless.ly',
      version: '0.1.0',
      description:
        'Typed entities in one graph; every change an immutable event; any past state readable. ' +
        'Every write of an entity also takes the query parameter dryRun=true: then nothing is changed, and the answer is a DryRun.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: tenantUrl, description: 'The tenant.' }],
    security: securityOf(tenantUrl),
    tags: tagsOf(nouns, services),
    paths: paths.items,
    components: {
      schemas: {
        ...Object.assign({}, ...nouns.map((noun) => nounSchemas(noun, names))),
        ...commonSchemas,
        ...commitSchemas,
        ...logSchemas,
        ...reportSchemas,
        ...productSchemas,
        ...settingsSchemas,
        ...accessSchemas(nouns),
        ...erasureSchemas,
        ...codeSchemas,
        ...functionSchemas,
        ...webhookSchemas,
      },
      ...paths.components,
      headers,
      securitySchemes: securitySchemes(tenantUrl),
    },
  })
}

const tags = [
  { name: 'log', description: 'The log of events.' },
  { name: 'schema', description: 'Entity types and their definitions.' },
  { name: 'status', description: 'The size of the tenant and its pending work.' },
  { name: 'batch', description: 'Several operations in one request.' },
  { name: 'jobs', description: 'Writes of many entities that take several commits.' },
  { name: 'clock', description: "The tenant's clock." },
  { name: 'access', description: 'Who may do what.' },
  { name: 'approvals', description: 'Commits that wait for the consent of a person.' },
  { name: 'settings', description: "The tenant's settings." },
  { name: 'metrics', description: 'The numbers of the business.' },
  { name: 'flags', description: 'Feature flags and their values.' },
  { name: 'experiments', description: 'Experiments and who takes part in them.' },
  { name: 'history', description: "The load of the tenant's past." },
  { name: 'code', description: 'Functions that run next to the data.' },
  { name: 'lake', description: 'Files for analytics programs.' },
] as const

function tagsOf(nouns: readonly NounSchema[], services: readonly DocumentedService[]): readonly Json[] {
  const names = tags.map(({ name }) => name)
  return [
    ...nouns.map(({ name, about = `Entities of type ${name}.` }) => ({ name, description: about })),
    ...tags,
    ...serviceTags(services, names),
  ]
}

/** The paths of functions, whose bodies and answers are known here. */
function addCodePaths(paths: PathItems): void {
  paths.add('/do', {
    method: 'POST',
    operation: { ...codePath, parameters: paths.parameters(createHeaders), responses: paths.responses(codeResponses) },
  })
  for (const { path, method, operation, parameters, responses } of functionPaths)
    paths.add(path, {
      method,
      operation: { ...operation, parameters: paths.parameters(parameters), responses: paths.responses(responses) },
      variables: path.includes('{name}') ? [functionName] : [],
    })
}

function addNounPaths(paths: PathItems, operation: Operation, noun: NounSchema): void {
  for (const route of operation.routes) {
    if (!route.path.includes('{Noun}')) continue
    const verbs = route.path.includes('{verb}')
      ? Object.values(noun.verbs).filter(({ category, effect }) => category === 'custom' && effect.systemOnly !== true)
      : [undefined]
    for (const verb of verbs) {
      if (operation.needs !== undefined && !Object.hasOwn(noun.verbs, operation.needs)) continue
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
  const isCreation = verb !== undefined && !path.includes('{id}')
  const operationId = `${name}.${verb?.name ?? operation.name}${isCreation ? '.create' : ''}`
  const described = toOperation(paths, operation, {
    noun: name,
    path: route.path,
    input: verb === undefined ? '' : verbPart(verb, { isCreation }),
    schema: noun,
    needsBody: verb !== undefined && needsBody(noun, verb, { isCreation }),
  })
  for (const [at, method] of route.methods.entries())
    paths.add(path, {
      method,
      operation: {
        tags: [name],
        // PUT does the same as PATCH.
        operationId: at === 0 ? operationId : `${operationId}.${method.toLowerCase()}`,
        summary: about,
        description: descriptionOf(given) ?? `${about}.`,
        ...described,
      },
      variables: path.includes('{id}') ? [paths.parameter(`${name}.id`, idOf(noun))] : [],
    })
}

/** Returns the description of the verb that a write performs. */
function descriptionOf({ operation, noun, verb: custom }: NounPath): string | undefined {
  const verb = custom ?? (operation.kind === 'write' ? noun.verbs[operation.name] : undefined)
  return verb === undefined ? undefined : describeVerb(verb)
}

function addTenantPaths(paths: PathItems, operation: Operation): void {
  const { listedAs, about } = operation
  if (listedAs === undefined) return
  const { tag, operationId } = listedAs
  for (const route of operation.routes) {
    const described = toOperation(paths, operation, { noun: '', path: route.path, input: '' })
    const names = [...route.path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? [])
    const [method = 'GET'] = route.methods
    paths.add(route.path, {
      method,
      operation: { tags: [tag], operationId, summary: about, description: `${about}.`, ...described },
      variables: names.map((name) => ({ name, in: 'path', required: true, ...variableOf(route.path, name) })),
    })
  }
}

function variableOf(path: string, name: string): Json | undefined {
  const own = name === 'id' ? idVariables.find(([beginning]) => path.startsWith(beginning)) : undefined
  return own?.[1] ?? tenantVariables[name]
}

const commitVariable: Json = {
  schema: { type: 'integer', format: 'int64', minimum: 1, maximum: 999_999_999_999_999 },
  description: 'Number of the commit.',
}

const idOfKind = (prefix: string, about: string): Json => ({
  schema: { type: 'string', pattern: idPatternOf([prefix]) },
  description: `Identifier of the ${about}.`,
})

const wordPattern = '^[A-Za-z][A-Za-z0-9._-]{0,63}$'

function named(pattern: string, about: string): Json {
  return { schema: { type: 'string', pattern }, description: `Name of the ${about}.` }
}

/** The meaning of `{id}` by the beginning of its path. */
const idVariables: readonly (readonly [beginning: string, variable: Json])[] = [
  ['/commits/plan/', idOfKind('plan', 'plan')],
  ['/commits/', commitVariable],
  ['/jobs/', idOfKind('job', 'job')],
  ['/approvals/', idOfKind('approval', 'approval')],
  ['/functions/', named('^[a-z][a-z0-9-]{0,62}$', 'function')],
  ['/secrets/', named(secretNamePattern, 'secret')],
  ['/metrics/', named(wordPattern, 'metric')],
  ['/flags/', named(wordPattern, 'flag: its key')],
]

const tenantVariables: Readonly<Record<string, Json>> = {
  id: idOfKind('evt', 'event'),
  noun: {
    schema: { type: 'string', pattern: '^[A-Z][A-Za-z0-9]{0,63}$' },
    description: 'Name of the entity type.',
  },
}

function toOperation(
  paths: PathItems,
  operation: Operation,
  {
    schema,
    needsBody = false,
    ...described
  }: Described & { readonly schema?: NounSchema; readonly needsBody?: boolean },
): Json {
  const { body, parameters, takesFields } = operation
  const bare = takesFields === true && schema !== undefined ? fieldParameters(schema, Object.keys(parameters)) : {}
  return {
    parameters: paths.parameters({ ...parameters, ...bare }, schema),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: body.isRequired || needsBody,
            content: { [body.mediaType ?? 'application/json']: { schema: body.schema(described) } },
          },
        }),
    responses: paths.responses({ ...operation.responses(described), ...problems }),
  }
}

function idOf({ name, idPrefix }: NounSchema): Json {
  const schema = { type: 'string', pattern: idPatternOf([idPrefix]) }
  return { name: 'id', in: 'path', required: true, schema, description: `Identifier of the ${name}.` }
}
