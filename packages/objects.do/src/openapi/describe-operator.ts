// The OpenAPI document of a server's own routes: its health, and the tenants that it holds. Each tenant has a document of its
// own.

import { commonSchemas } from './common-schemas.ts'
import { headers, type Json, jsonBody, pageEnd, problems, ref, type Responses } from './components.ts'
import type { Method } from './operation.ts'
import type { ParametersAbout } from './parameter.ts'
import { PathItems } from './path-items.ts'

/** Limits of a page of tenants. */
export const tenantPage = { default: 100, max: 1_000 } as const
const slug = ref('TenantName')
const nameVariable: Json = {
  name: 'name',
  in: 'path',
  required: true,
  schema: slug,
  description: 'Name of the tenant.',
}
const whole = (description: string): Json => ({ type: 'integer', minimum: 0, description })

interface OperatorPath {
  readonly method: Method
  readonly path: string
  readonly tag: string
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly parameters?: ParametersAbout
  readonly responses: Responses
}

const operatorPaths: readonly OperatorPath[] = [
  {
    method: 'GET',
    path: '/health',
    tag: 'server',
    operationId: 'health.get',
    summary: 'Check that the server works',
    description: 'Answers 200 while the server can read, and says if it cannot write because its disk is full.',
    responses: { 200: { description: 'The server works', ...jsonBody(ref('Health')) } },
  },
  {
    method: 'GET',
    path: '/tenants',
    tag: 'tenants',
    operationId: 'tenants.list',
    summary: 'List the tenants of the server',
    description: 'Lists tenants by name. A tenant exists from its first accepted write on.',
    parameters: {
      limit: {
        about: `Tenants per page, ${tenantPage.default} by default and at most ${tenantPage.max}`,
        schema: { type: 'integer', minimum: 1, maximum: tenantPage.max },
      },
      cursor: { about: 'The cursor of the previous page', schema: slug },
    },
    responses: { 200: { description: 'One page', ...jsonBody(ref('TenantPage')) } },
  },
  {
    method: 'GET',
    path: '/tenants/{name}',
    tag: 'tenants',
    operationId: 'tenants.get',
    summary: 'Measure one tenant',
    description: 'Tells how many events, entities, files and bytes a tenant has.',
    responses: { 200: { description: 'The tenant', ...jsonBody(ref('Tenant')) } },
  },
  {
    method: 'DELETE',
    path: '/tenants/{name}',
    tag: 'tenants',
    operationId: 'tenants.delete',
    summary: 'Delete one tenant with all of its data',
    description: 'Deletes a tenant, which cannot be undone. Use dryRun to see what would be deleted.',
    parameters: {
      dryRun: { about: 'True to delete nothing, and see what would be deleted', schema: { type: 'boolean' } },
      confirm: { about: "The tenant's name once more, unless dryRun is true", schema: slug },
    },
    responses: {
      200: { description: 'Deleted, or would be deleted', ...jsonBody(ref('TenantDeletion')) },
      202: { description: 'The deletion has begun, and goes on', ...jsonBody(ref('TenantDeletion')) },
    },
  },
  {
    method: 'POST',
    path: '/tenants/{name}/restore',
    tag: 'tenants',
    operationId: 'tenants.restore',
    summary: 'Restore a tenant from its lake',
    description:
      'Restores a tenant whose database is lost from its files in the lake, or makes a copy of another tenant, by the log of that one. ' +
      'A restore that was cut off goes on when it is repeated.',
    parameters: {
      from: { about: 'The tenant to copy; by default the tenant itself', schema: slug },
      at: {
        about: 'Leave out what happened after this time; only with from',
        schema: { type: 'string', format: 'date-time' },
      },
    },
    responses: { 200: { description: 'The tenant is restored', ...jsonBody(ref('TenantRestore')) } },
  },
  {
    method: 'POST',
    path: '/tenants/{name}/flush',
    tag: 'tenants',
    operationId: 'tenants.flush',
    summary: 'Bring the files of a tenant up to its log',
    description: 'Writes pending changes of a tenant to its files, which a restore needs.',
    responses: {
      200: {
        description: 'The last event that is in the files',
        content: { 'application/json': { schema: { type: 'object', additionalProperties: true } } },
      },
    },
  },
  {
    method: 'GET',
    path: '/tenants/{name}/archive',
    tag: 'tenants',
    operationId: 'tenants.archive',
    summary: 'Write a whole tenant as one file',
    description: 'Writes definitions and history of a tenant as a tar file, without secrets, keys and sessions.',
    responses: {
      200: { description: 'The archive', content: { 'application/x-tar': { schema: { type: 'string' } } } },
    },
  },
  {
    method: 'POST',
    path: '/tenants/{name}/archive',
    tag: 'tenants',
    operationId: 'tenants.load',
    summary: 'Load an archive into a tenant that has nothing',
    description: 'Loads the archive of a tenant of any server. A load that was cut off goes on when it is repeated.',
    responses: {
      200: {
        description: 'The tenant is loaded',
        content: { 'application/json': { schema: { type: 'object', additionalProperties: true } } },
      },
    },
  },
]

/** A tenant that is being deleted is not measured. */
const size = {
  events: whole('Number of events in the log.'),
  entities: whole('Number of entities that exist now.'),
  files: whole('Number of files in the lake.'),
  bytes: whole('Size of the files in the lake, in bytes.'),
}

const operatorSchemas = {
  Health: {
    type: 'object',
    description: 'The health of the server.',
    required: ['status'],
    properties: {
      status: {
        type: 'string',
        enum: ['ok', 'storage_full'],
        description: 'State of the server; storage_full while it refuses writes, since its disk is full.',
      },
      freeBytes: whole('Free space of the disk, in bytes, if the disk is full.'),
      neededBytes: whole('Free space that writes need, in bytes, if the disk is full.'),
    },
  },
  Tenant: {
    type: 'object',
    description: 'One tenant of the server.',
    required: ['name', 'createdAt', 'state'],
    properties: {
      name: slug,
      createdAt: { type: 'string', format: 'date-time', description: 'Time of its first write.' },
      state: {
        type: 'string',
        enum: ['present', 'deleting'],
        description: 'State of the tenant; deleting until all of its data is gone.',
      },
      ...size,
    },
  },
  TenantPage: {
    type: 'object',
    description: 'One page of tenants.',
    required: ['results', 'hasMore', 'cursor', 'isComplete'],
    properties: {
      results: { type: 'array', items: ref('Tenant'), description: 'Tenants, by name.' },
      ...pageEnd,
      isComplete: {
        type: 'boolean',
        description: 'False while tenants from before the registry may be missing.',
      },
    },
  },
  TenantDeletion: {
    type: 'object',
    description: 'What a deletion removes.',
    required: ['tenant'],
    properties: {
      tenant: slug,
      dryRun: { type: 'boolean', description: 'True if nothing was deleted.' },
      state: { type: 'string', enum: ['deleted', 'deleting'], description: 'Whether all data is gone.' },
      ...size,
    },
  },
  TenantRestore: {
    type: 'object',
    description: 'A restored tenant.',
    required: ['tenant', 'from', 'seq', 'timestamp', 'events', 'entities', 'tables', 'lost'],
    properties: {
      tenant: slug,
      from: slug,
      seq: whole('The last event that was restored.'),
      timestamp: { type: ['string', 'null'], format: 'date-time', description: 'Its time; null without events.' },
      events: whole('Number of events in the log.'),
      entities: whole('Number of entities that exist now.'),
      tables: {
        type: 'object',
        description: 'What events do not have, by table: restored rows, and whether the copy in the lake was complete.',
        additionalProperties: true,
      },
      lost: { type: 'array', items: { type: 'string' }, description: 'What the lake did not have.' },
    },
  },
  Problem: commonSchemas.Problem,
} as const satisfies Json

interface ServerDescribed {
  readonly serverUrl: string
  /** The pattern of tenants' names. */
  readonly tenantName: RegExp
}

export function describeOperator({ serverUrl, tenantName }: ServerDescribed): Json {
  const paths = new PathItems(() => undefined)
  for (const { method, path, tag, parameters = {}, responses, ...about } of operatorPaths)
    paths.add(path, {
      method,
      operation: {
        tags: [tag],
        ...about,
        parameters: paths.parameters(parameters),
        responses: paths.responses({ ...responses, ...problems }),
      },
      variables: path.includes('{name}') ? [paths.parameter('tenant', nameVariable)] : [],
    })
  return {
    openapi: '3.1.0',
    info: {
      title: 'headless.ly server',
      version: '0.1.0',
      description: 'The tenants of one server. Each tenant has an OpenAPI document of its own, below /~{name}/openapi.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: serverUrl, description: 'The server.' }],
    security: [],
    tags: [
      { name: 'server', description: 'The server itself.' },
      { name: 'tenants', description: 'The tenants of the server.' },
    ],
    paths: paths.items,
    components: {
      schemas: {
        ...operatorSchemas,
        TenantName: { type: 'string', pattern: tenantName.source, description: 'Name of a tenant.' },
      },
      ...paths.components,
      headers,
    },
  }
}
