// Parts that several pages have: blocks to paste, cards, and tables that scroll on a small screen.

import type { Command, CommandGroup } from './commands.ts'
import { html, type Html } from './html.ts'
import { markdownBlock } from './markdown-text.ts'

export function commandToHtml({ title, text }: Command): Html {
  return html`<h3>${title}</h3>
    <div class="paste" data-name="${title}"><pre>${text}</pre></div>`
}

/** The first group is open; the others are details, which need no script. */
export function groupsToHtml(groups: readonly CommandGroup[]): Html {
  return html`${groups.map(({ title, about, commands }, at) => {
    const content = html`<p class="soft">${about}</p>
      ${commands.map(commandToHtml)}`
    return html`<details${at === 0 ? html` open` : ''}><summary>${title}</summary>${content}</details>`
  })}`
}

export function commandToMarkdown({ title, text }: Command): string {
  return `${title}:\n\n${markdownBlock(text)}`
}

export function linksToHtml(
  links: readonly { readonly text: string; readonly url: string; readonly about: string }[],
): Html {
  return html`<ul class="cards">
    ${links.map(
      ({ text, url, about }) =>
        html`<li>
          <a href="${url}">${text}</a>
          <p>${about}</p>
        </li>`,
    )}
  </ul>`
}

/** `2026-11-29T00:44:12.345Z` -> `2026-11-29 00:44:12 UTC`. */
export function timeToHtml(timestamp: string): Html {
  return html`<time datetime="${timestamp}">${timestamp.slice(0, 19).replace('T', ' ')} UTC</time>`
}

export function countOf(count: number, [one, many]: readonly [one: string, many: string]): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`
}
