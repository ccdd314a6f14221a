// Resources: the same reads as `fetch`, by URI, for clients that attach them to a conversation.

import type { ReadResourceResult, Resource, ResourceTemplateType } from '@modelcontextprotocol/server'
import { fetchOne } from './fetch-tool.ts'
import type { AskTenant } from './tenant-requests.ts'
import { type ToolAnswer, ToolError } from './tool-answer.ts'

const mimeType = 'application/json'
const scheme = 'headlessly://'

export const resources: readonly Resource[] = [
  { uri: `${scheme}schema`, name: 'schema', description: 'The entity types.', mimeType },
  { uri: `${scheme}status`, name: 'status', description: 'The state of the business, with alerts.', mimeType },
  { uri: `${scheme}metrics`, name: 'metrics', description: 'The metrics with their values.', mimeType },
  { uri: `${scheme}events`, name: 'events', description: 'The log of changes, oldest first.', mimeType },
]

export const resourceTemplates: readonly ResourceTemplateType[] = [
  { uriTemplate: `${scheme}schema/{type}`, name: 'schema of a type', mimeType },
  { uriTemplate: `${scheme}metrics/{name}`, name: 'metric', mimeType },
  { uriTemplate: `${scheme}{type}/{id}`, name: 'entity', mimeType },
]

/** Throws a ToolError for a URI of nothing. */
export async function readResource(ask: AskTenant, uri: string): Promise<ReadResourceResult> {
  const [first = '', second, ...others] = uri.startsWith(scheme) ? uri.slice(scheme.length).split('/') : []
  if (first === '' || others.length > 0) throw new ToolError(`'${uri.slice(0, 200)}' is no resource`)
  const answer = await fetchOne(ask, argumentsOf(first, second === undefined ? undefined : decodeURIComponent(second)))
  return { contents: [{ uri, mimeType, text: JSON.stringify(answer) }] }
}

function argumentsOf(first: string, second: string | undefined): ToolAnswer {
  const id = second === undefined ? {} : { id: second }
  return { type: first === 'metrics' ? 'Metric' : first, ...id }
}
