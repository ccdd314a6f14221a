// The page of a tenant, from its overview: as HTML for people and as Markdown.

import type { EntitiesOverview, EventOverview, Overview } from 'digital-objects'
import { commandToHtml, commandToMarkdown, countOf, groupsToHtml, linksToHtml, timeToHtml } from './blocks.ts'
import { commandsOf } from './commands.ts'
import { html, type Html } from './html.ts'
import type { Page } from './layout.ts'
import { markdownText, markdownUrl } from './markdown-text.ts'

/** A tenant may define many entity types; the schema lists all. */
const typesMax = 100

export function tenantPage(overview: Overview): Page {
  const { tenant, began } = overview
  const main = html`<h1>${tenant}</h1>
    ${began === null ? absent(overview) : present(overview, began)}${paste(overview)} ${clicks(overview)}`
  return { title: `${tenant} · headless.ly`, main }
}

function absent(overview: Overview): Html {
  const { tenant } = overview
  return html`<p class="lead">There is no tenant named ${tenant} yet.</p>
    <section aria-labelledby="begin">
      <h2 id="begin">Begin</h2>
      <p>A tenant begins with its first write. Opening this page has stored nothing. Paste this:</p>
      ${commandToHtml(commandsOf(overview).first)}
    </section>
    <section aria-labelledby="types">
      <h2 id="types">Entity types</h2>
      ${cards(overview.entities)}
    </section>`
}

function present(overview: Overview, began: string): Html {
  const { events, entities, latest } = overview
  const count = entities.reduce((sum, one) => sum + one.count, 0)
  const filled = entities.filter((one) => one.count > 0)
  const empty = entities.filter((one) => one.count === 0)
  return html`<p class="lead">
      ${countOf(count, ['entity', 'entities'])} and ${countOf(events, ['event', 'events'])}, since ${timeToHtml(began)}.
    </p>
    <section aria-labelledby="types">
      <h2 id="types">Entities</h2>
      ${filled.length === 0 ? html`<p class="none">None at present.</p>` : cards(filled)}
      ${
        empty.length === 0
          ? ''
          : html`<h3>Types without entities</h3>
              ${names(empty)}`
      }
    </section>
    <section aria-labelledby="events">
      <h2 id="events">Latest events</h2>
      ${eventTable(latest)}
    </section>`
}

function cards(entities: readonly EntitiesOverview[]): Html {
  return html`<ul class="cards">
    ${entities.slice(0, typesMax).map(
      ({ name, label, about, count, url }) =>
        html`<li>
          <a href="${url}">${label === undefined ? name : `${label} (${name})`}</a>
          ${count === 0 ? '' : html`<span class="count">${count.toLocaleString('en-US')}</span>`}
          ${about === undefined ? '' : html`<p>${about}</p>`}
        </li>`,
    )}
  </ul>`
}

function names(entities: readonly EntitiesOverview[]): Html {
  return html`<ul class="plain">
    ${entities.slice(0, typesMax).map(({ name, label, url }) => html`<li><a href="${url}">${label ?? name}</a></li>`)}
  </ul>`
}

function eventTable(events: readonly EventOverview[]): Html {
  if (events.length === 0) return html`<p class="none">None that you may see.</p>`
  return html`<div class="wide" role="group" aria-labelledby="events" tabindex="0">
    <table>
      <thead>
        <tr>
          <th scope="col">Event</th>
          <th scope="col">Entity</th>
          <th scope="col">By</th>
          <th scope="col">Time</th>
        </tr>
      </thead>
      <tbody>
        ${events.map(
          ({ timestamp, type, target, name, url, actor }) =>
            html`<tr>
              <td>${type}</td>
              <td><a href="${url}">${name ?? target}</a></td>
              <td>${actor}</td>
              <td>${timeToHtml(timestamp)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

function paste(overview: Overview): Html {
  return html`<section aria-labelledby="paste">
    <h2 id="paste">Commands to paste</h2>
    ${groupsToHtml(commandsOf(overview).groups)}
  </section>`
}

function clicks({ links }: Overview): Html {
  return html`<section aria-labelledby="click">
    <h2 id="click">Addresses to open</h2>
    ${linksToHtml(linksOf(links))}
  </section>`
}

function linksOf(links: Overview['links']): readonly { text: string; url: string; about: string }[] {
  return [
    { text: 'Schema', url: links.schema, about: 'All entity types with their fields, relations and verbs, as JSON.' },
    { text: 'OpenAPI', url: links.openapi, about: 'The description from which clients can be generated.' },
    { text: 'Events', url: links.events, about: 'The log of every change, the oldest first.' },
    { text: 'Status', url: links.status, about: 'Size, age of the files, and pending work.' },
    { text: 'Lake', url: links.lake, about: 'Addresses and keys for DuckDB, ClickHouse and Iceberg.' },
    { text: 'llms.txt', url: links.llms, about: 'The tenant described to language models.' },
  ]
}

export function tenantPageMarkdown(overview: Overview): string {
  const { tenant, began, events, entities, latest, links } = overview
  const { first, groups } = commandsOf(overview)
  const lead =
    began === null
      ? `There is no tenant named ${tenant} yet. A tenant begins with its first write.\n\n${commandToMarkdown(first)}`
      : `${countOf(events, ['event', 'events'])}, since ${began}.`
  const types = entities
    .slice(0, typesMax)
    .map(
      ({ name, label, about, count, url }) =>
        `- [${label === undefined ? name : `${label} (${name})`}](${markdownUrl(url)}): ${count}${about === undefined ? '' : `. ${markdownText(about)}`}`,
    )
  const recent = latest.map(
    ({ timestamp, type, target, name, url, actor }) =>
      `- ${timestamp} ${type} [${markdownText(name ?? target)}](${markdownUrl(url)}) by ${markdownText(actor)}`,
  )
  return `${[
    `# ${tenant}`,
    lead,
    '## Entities',
    types.join('\n'),
    ...(recent.length === 0 ? [] : ['## Latest events', recent.join('\n')]),
    '## Links',
    linksOf(links)
      .map(({ text, url, about }) => `- [${text}](${markdownUrl(url)}): ${about}`)
      .join('\n'),
    '## Commands',
    ...groups.map(({ title, about, commands }) =>
      [`### ${title}`, about, ...commands.map(commandToMarkdown)].join('\n\n'),
    ),
  ].join('\n\n')}\n`
}
