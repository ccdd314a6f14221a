// Writes the documentation as a module that the Worker carries: README.md and the pages of docs/, as Markdown and as HTML.
// Plain JavaScript, since it runs before anything is built.

import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { pack } from './pack.js'

/** Returns the module's source; `docs.d.ts` has its types. Pages are in the order in which docs/README.md lists them. */
export async function docsModule(root) {
  const files = docFiles(root)
  const addresses = new Map(files.map(({ file, name }) => [file, name === 'index' ? '/docs' : `/docs/${name}`]))
  const pages = []
  for (const { file, name } of files) {
    const markdown = readFileSync(join(root, file), 'utf8')
    const html = await toHtml(markdown, { file, addresses })
    pages.push({ name, title: titleOf(markdown), about: aboutOf(markdown), markdown, html })
  }
  const [index, readme, ...others] = pages
  const positionOf = ({ name }) => index.markdown.indexOf(`(${name}.md)`) + 1 || index.markdown.length + 1
  const docs = [index, readme, ...others.toSorted((a, b) => positionOf(a) - positionOf(b))]
  const entries = docs.map(({ markdown, html, ...entry }) => ({ ...entry, packed: pack({ markdown, html }) }))
  return `export const docs = ${JSON.stringify(entries)}\n`
}

/** The files that the module is made from: the index, the tour, and the other pages. */
export function docFiles(root) {
  const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md') && name !== 'README.md')
  return [
    { file: 'docs/README.md', name: 'index' },
    { file: 'README.md', name: 'readme' },
    ...pages.toSorted().map((name) => ({ file: `docs/${name}`, name: name.slice(0, -'.md'.length) })),
  ]
}

function titleOf(markdown) {
  return plain(/^# (.*)$/m.exec(markdown)?.[1] ?? '')
}

/** The first sentence after the title. */
function aboutOf(markdown) {
  const [, text = ''] = /^# .*\n+([^\n#|<-][^\n]*)/m.exec(markdown) ?? []
  const line = plain(text)
  return /^.*?[.!?:](?=\s|$)/.exec(line)?.[0].replace(/:$/, '.') ?? line
}

/** Removes the marks of links, emphasis and code. */
function plain(text) {
  return text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*`]/g, '')
    .trim()
}

/** `addresses` are those of the pages, by file. */
async function toHtml(markdown, { file, addresses }) {
  const { Marked } = await import('marked')
  const ids = new Map()
  const renderer = {
    heading({ tokens, depth, text }) {
      // The page has the title above.
      if (depth === 1) return ''
      const id = idOf(text, ids)
      return `<h${depth} id="${id}">${this.parser.parseInline(tokens)}</h${depth}>\n`
    },
    link({ href, tokens }) {
      const text = this.parser.parseInline(tokens)
      const address = addressOf(href, { file, addresses })
      return address === undefined ? text : `<a href="${escape(address)}">${text}</a>`
    },
    image({ text }) {
      return escape(text) // pages load nothing
    },
    code({ text }) {
      return `<div class="paste" data-name="this block"><pre>${escape(text)}</pre></div>\n`
    },
    html({ text }) {
      return /^\s*<!--[^]*-->\s*$/.test(text) ? '' : escape(text)
    },
    table(token) {
      const cell = (tag) => (one) => `<${tag}>${this.parser.parseInline(one.tokens)}</${tag}>`
      const head = token.header.map(cell('th')).join('')
      const rows = token.rows.map((row) => `<tr>${row.map(cell('td')).join('')}</tr>`).join('\n')
      return `<div class="wide" role="group" aria-label="Table" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>\n`
    },
  }
  return new Marked({ renderer }).parse(markdown)
}

/** Makes an id as GitHub does, so that links to a section work in both places. */
function idOf(text, ids) {
  const base = plain(text)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')
  const count = ids.get(base) ?? 0
  ids.set(base, count + 1)
  return count === 0 ? base : `${base}-${count}`
}

/** The address of a link in a file; undefined for a file that is not served, and for examples such as http://localhost:8787. */
function addressOf(href, { file, addresses }) {
  if (href.startsWith('https:') || href.startsWith('#')) return href
  const [, path = '', fragment = ''] = /^([^#]*)(#.*)?$/.exec(href) ?? []
  const address = addresses.get(posix.join(posix.dirname(file), path))
  return address === undefined ? undefined : `${address}${fragment}`
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
