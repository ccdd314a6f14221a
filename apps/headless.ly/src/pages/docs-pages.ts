// The documentation that the Worker carries: its list, one page, and all of it as one text.

import { type DocEntry, docs, type DocTexts } from '#docs'
import { unpack } from '../base/unpack.ts'
import { html, trustedHtml } from './html.ts'
import type { Page } from './layout.ts'
import { markdownUrl } from './markdown-text.ts'

export async function docTexts({ packed }: DocEntry): Promise<DocTexts> {
  return (await unpack(packed)) as DocTexts // as the build packed them
}

export async function docPage(entry: DocEntry): Promise<Page> {
  const { title } = entry
  const { html: content } = await docTexts(entry)
  return {
    title: `${title} · headless.ly`,
    main: html`<h1>${title}</h1>
      ${trustedHtml(content)}`,
  }
}

/** Items of a list in Markdown, without the index. `base` is the server's URL. */
export function docLinks(base: string): string {
  const [, ...pages] = docs
  return pages
    .map(({ name, title, about }) => `- [${title}](${markdownUrl(base)}/docs/${name}.md): ${about}`)
    .join('\n')
}

/** All pages as one text in Markdown. */
export async function wholeDocs(): Promise<string> {
  const texts = await Promise.all(docs.map(docTexts))
  return texts.map(({ markdown }) => markdown.trim()).join('\n\n')
}
