// The page of the server at `/`: its tenants and where to begin, as JSON for programs, HTML for people, and Markdown.

import { commandToHtml, commandToMarkdown, countOf, groupsToHtml, linksToHtml, timeToHtml } from './blocks.ts'
import type { LensDescription } from '../contexts/describe-lens.ts'
import { commandsOf } from './commands.ts'
import { html, type Html } from './html.ts'
import type { Page } from './layout.ts'
import { markdownUrl } from './markdown-text.ts'

/** The answer at `/`. */
export interface FrontPage {
  readonly name: 'headless.ly'
  readonly about: string
  /** The context of the host, if it has one. */
  readonly context?: LensDescription
  /** The first tenants by name. */
  readonly tenants: { readonly results: readonly TenantSummary[]; readonly hasMore: boolean }
  /** Addresses to begin with, of one tenant. */
  readonly try: Readonly<Record<'list' | 'schema' | 'openapi' | 'events' | 'lake', string>>
  readonly links: { readonly tenants: string; readonly docs: string; readonly llms: string; readonly llmsFull: string }
}

export interface TenantSummary {
  readonly name: string
  readonly url: string
  readonly createdAt: string
  /** Counts of entities and events that the caller may see; undefined if they were not counted in time. */
  readonly counts?: { readonly entities: number; readonly events: number }
}

export const about =
  'An open, self-hosted backend for a whole business: 35 typed entities in one graph, every change an immutable event, every past state readable.'

/** A tenant that is on no server yet, for commands. */
export const exampleTenant = 'acme'

export function frontPage(front: FrontPage, base: string): Page {
  const example = tenantOf(front, base)
  const main = html`<h1>headless.ly runs here</h1>
    <p class="lead">${about}</p>
    ${front.context === undefined ? '' : contextToHtml(front.context)}
    <section aria-labelledby="tenants">
      <h2 id="tenants">Tenants</h2>
      ${tenants(front, base)}
    </section>
    <section aria-labelledby="paste">
      <h2 id="paste">Commands to paste</h2>
      ${groupsToHtml(commandsOf(example).groups)}
    </section>
    <section aria-labelledby="click">
      <h2 id="click">Addresses to open</h2>
      ${linksToHtml(linksOf(front))}
    </section>`
  return { title: 'headless.ly', main }
}

function contextToHtml({ context, dimensions, entities }: LensDescription): Html {
  return html`<section aria-labelledby="context">
    <h2 id="context">Context ${context}</h2>
    ${dimensions.map(({ about: sentence }) => html`<p>${sentence}</p>`)}
    <ul class="plain">
      ${entities.map(({ name, label }) => html`<li>${label === undefined ? name : `${label} (${name})`}</li>`)}
    </ul>
  </section>`
}

function tenantOf({ tenants: { results } }: FrontPage, base: string): { tenant: string; context: string } {
  const tenant = results[0]?.name ?? exampleTenant
  return { tenant, context: `${base}/~${tenant}` }
}

function tenants(front: FrontPage, base: string): Html {
  const { results, hasMore } = front.tenants
  if (results.length === 0)
    return html`<p>
        None yet. A tenant is one business with its own database. <a href="/console">Open the console</a> to begin one
        in the browser, also with a sample company. It also begins with its first write:
      </p>
      ${commandToHtml(commandsOf(tenantOf(front, base)).first)}
      <p>Then open <a href="/~${exampleTenant}">/~${exampleTenant}</a>.</p>`
  return html`<div class="wide" role="group" aria-labelledby="tenants" tabindex="0">
      <table>
        <thead>
          <tr>
            <th scope="col">Tenant</th>
            <th scope="col" class="number">Entities</th>
            <th scope="col" class="number">Events</th>
            <th scope="col">Since</th>
          </tr>
        </thead>
        <tbody>
          ${results.map(tenantRow)}
        </tbody>
      </table>
    </div>
    ${hasMore ? html`<p><a href="${front.links.tenants}">All tenants</a> are listed as JSON.</p>` : ''}
    <p class="soft">A new tenant begins with its first write, at any address such as <code>/~another</code>.</p>`
}

function tenantRow({ name, url, createdAt, counts }: TenantSummary): Html {
  const count = (value: number | undefined): string => value?.toLocaleString('en-US') ?? '–'
  return html`<tr>
    <th scope="row"><a href="${url}">${name}</a></th>
    <td class="number">${count(counts?.entities)}</td>
    <td class="number">${count(counts?.events)}</td>
    <td>${timeToHtml(createdAt)}</td>
  </tr>`
}

function linksOf({
  links,
  try: { list, schema, openapi },
}: FrontPage): readonly { text: string; url: string; about: string }[] {
  return [
    { text: 'Documentation', url: links.docs, about: 'How to start, and everything in detail. It needs no network.' },
    { text: 'Schema', url: schema, about: 'All entity types with their fields, relations and verbs, as JSON.' },
    { text: 'OpenAPI', url: openapi, about: 'The description from which clients can be generated.' },
    { text: 'A list', url: list, about: 'The contacts of a tenant, as a program gets them.' },
    { text: 'llms.txt', url: links.llms, about: 'This server described to language models.' },
    { text: 'All tenants', url: links.tenants, about: 'The list of tenants, as JSON.' },
  ]
}

function contextToMarkdown({ context, dimensions, entities }: LensDescription): string {
  const types = entities.map(({ name, label }) => `- ${label === undefined ? name : `${label} (${name})`}`)
  return [`## Context ${context}`, ...dimensions.map(({ about: sentence }) => sentence), types.join('\n')].join('\n\n')
}

export function frontPageMarkdown(front: FrontPage, base: string): string {
  const example = tenantOf(front, base)
  const { results } = front.tenants
  const list = results.map(({ name, url, createdAt, counts }) => {
    const size =
      counts === undefined
        ? ''
        : `${countOf(counts.entities, ['entity', 'entities'])}, ${countOf(counts.events, ['event', 'events'])}, `
    return `- [${name}](${markdownUrl(url)}): ${size}since ${createdAt}`
  })
  return `${[
    '# headless.ly',
    about,
    ...(front.context === undefined ? [] : [contextToMarkdown(front.context)]),
    '## Tenants',
    results.length === 0 ? 'None yet. A tenant begins with its first write.' : list.join('\n'),
    '## Links',
    linksOf(front)
      .map(({ text, url, about: what }) => `- [${text}](${markdownUrl(url)}): ${what}`)
      .join('\n'),
    '## Commands',
    ...commandsOf(example).groups.map(({ title, about: what, commands }) =>
      [`### ${title}`, what, ...commands.map(commandToMarkdown)].join('\n\n'),
    ),
  ].join('\n\n')}\n`
}
