// A tenant described to language models, `/~acme/llms.txt`: its calls, from the lists of operations and of services' routes
// that also make the OpenAPI document, and the entity types that the caller sees.

import type { ServiceRoute } from '@dotdo/service'
import { type Operation, workerCalls } from 'objects.do'
import { markdownCode, markdownText, markdownUrl } from './markdown-text.ts'

/** The parts of an entity type's description that the text has; `GET /~acme/schema` answers with them. */
export interface GuideNoun {
  readonly name: string
  readonly about?: string
  readonly fields: readonly GuideField[]
  readonly verbs: readonly { readonly verb: string; readonly category: 'crud' | 'custom' }[]
  readonly definition: { readonly fields: Readonly<Record<string, unknown>> }
}

interface GuideField {
  readonly name: string
  readonly kind: string
  readonly many: boolean
  readonly from?: string
  readonly by?: string
}

export function tenantGuide(options: {
  readonly tenant: string
  readonly context: string
  readonly operations: readonly Operation[]
  readonly routes: readonly Pick<ServiceRoute, 'method' | 'path' | 'about'>[]
  readonly nouns: readonly GuideNoun[]
}): string {
  const { tenant, context, operations, routes, nouns } = options
  return `# ${tenant}

> A tenant of headless.ly: typed entities in one graph, every change an immutable event, every past state readable. All paths below follow ${context}.

Send and expect JSON. \`POST ${context}/Contact\` with \`{"name":"Grace Hopper"}\` creates an entity and returns it with \`$id\` and \`$version\`. The tenant begins with its first write. An error is a problem document with \`code\`, \`detail\` and the \`field\` to correct. Send \`Idempotency-Key\` with a write that may be repeated, and \`If-Match: "3"\` to change only the version that you have read.

Field types: \`!\` required, \`?\` or nothing optional, \`#\` indexed, \`##\` unique, \`[]\` a list, \`A | B\` one of these values (the first is the default of a stage or status), \`-> Organization.contacts\` holds the id of an Organization, whose \`contacts\` is the list of those that refer to it. \`include=organization\` puts the entity in the place of its id. Every entity has \`$type $id $context $version $createdAt $createdBy $updatedAt\`.

Filters are MongoDB's, in JSON: \`filter={"stage":"Lead","leadScore":{"$gte":50},"organization.industry":"retail"}\`, with \`$eq $ne $gt $gte $lt $lte $in $nin $exists $regex $not $and $or $text\`. \`?stage=Lead\` is short for an equality. A list returns \`results\`, \`total\`, \`hasMore\` and \`cursor\`; send \`cursor\` to continue. Reads may be a few seconds old; \`strong=true\` reads the newest state, \`asOf=2026-01-15T10:00:00Z\` a past one.

Calls:

${[...callLines(operations), ...[...workerCalls, ...routes].map(routeLine)].join('\n')}

Code next to the data is the text of one function: \`POST /do\` with \`{"code":"async ($) => $.Contact.count()"}\`.

## Entity types

${nouns.map((noun) => nounLine(noun, context)).join('\n')}

## Optional

- [OpenAPI](${markdownUrl(context)}/openapi): all calls, parameters and schemas
- [Schema](${markdownUrl(context)}/schema): all entity types with a sentence about every field and verb
`
}

function callLines(operations: readonly Operation[]): readonly string[] {
  return operations.flatMap(({ about, routes, parameters }) => {
    const query = Object.entries(parameters)
      .filter(([, parameter]) => parameter.in !== 'header')
      .map(([name]) => name)
    const names = query.length === 0 ? '' : ` (query: ${query.join(', ')})`
    return routes.map(({ methods, path }) => `- \`${methods.join('|')} ${path}\`: ${about}${names}`)
  })
}

function routeLine({ method, path, about }: Pick<ServiceRoute, 'method' | 'path' | 'about'>): string {
  return `- \`${method} ${path}\`: ${about}`
}

/** `- [Contact](…): A person. Fields: …. Verbs: ….` */
function nounLine({ name, about, fields, verbs, definition }: GuideNoun, context: string): string {
  const fieldTexts = fields.map((field) => `${field.name}: ${fieldText(field, definition.fields)}`)
  const custom = verbs.filter(({ category }) => category === 'custom').map(({ verb }) => verb)
  const sentences = [
    ...(about === undefined ? [] : [markdownText(about)]),
    `Fields: ${markdownCode(fieldTexts.join('; '))}.`,
    ...(custom.length === 0 ? [] : [`Verbs: ${markdownCode(custom.join(' '))}.`]),
  ]
  return `- [${name}](${markdownUrl(context)}/schema/${name}): ${sentences.join(' ')}`
}

/** Formats a field as `Noun()` takes it. The catalog adds inverses that no definition has. */
function fieldText({ name, many, from, by }: GuideField, definition: Readonly<Record<string, unknown>>): string {
  const text = definition[name]
  return typeof text === 'string' ? text : `<- ${from}.${by}${many ? '[]' : ''}`
}
