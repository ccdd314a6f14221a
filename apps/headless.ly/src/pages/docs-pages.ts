// The documentation that the Worker carries: its list, one page, and all of it as one text.

import type { DocPage } from '#docs'
import { html, trustedHtml } from './html.ts'
import type { Page } from './layout.ts'
import { markdownUrl } from './markdown-text.ts'

/** Loaded with the first page, since it is large. The index is the first. */
export async function loadDocs(): Promise<readonly [index: DocPage, ...others: DocPage[]]> {
  return (await import('#docs')).docs
}

export function docPage({ title, html: content }: DocPage): Page {
  return {
    title: `${title} · headless.ly`,
    main: html`<h1>${title}</h1>
      ${trustedHtml(content)}`,
  }
}

/** Items of a list in Markdown, without the index. `base` is the server's URL. */
export function docLinks([, ...docs]: readonly DocPage[], base: string): string {
  return docs.map(({ name, title, about }) => `- [${title}](${markdownUrl(base)}/docs/${name}.md): ${about}`).join('\n')
}
