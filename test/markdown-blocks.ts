// Reads the fenced blocks of Markdown pages, for tests that run the examples of all pages.
//
// The words after a block's language say what a test does with it:
// - `sh` runs, and the next `json answer` or `text output` is what it prints; `sh listens` runs until an event arrives.
// - `ts` runs, and prints the lines in its comments. `sql` runs in the engine that its first line names.
// - `json` is valid JSON. `text` is no code.
// - `no-run <reason>` is for a block that no test can run. Each such block is counted in `pages.blackbox.test.ts`.

import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

export interface MarkdownBlock {
  /** The position of the block's first line: `README.md:112`. */
  readonly place: string
  readonly page: string
  /** The number of the block's first line, from 1. */
  readonly line: number
  /** The first word after the fence, and the rest of that line. */
  readonly language: string
  readonly info: string
  /** The nearest heading above the block. */
  readonly heading: string
  readonly text: string
}

const root = resolve(import.meta.dirname, '..')

/** All pages, relative to the repository. */
export function listPages(): readonly string[] {
  return globSync(['*.md', 'docs/**/*.md', '{packages,apps,examples}/**/*.md'], {
    cwd: root,
    exclude: (path) => /(^|\/)(node_modules|dist|lib|data)$/.test(path),
  }).toSorted()
}

/** `page` is relative to the repository. Throws if a fence is not closed. */
export function readMarkdownBlocks(page: string): MarkdownBlock[] {
  const lines = readFileSync(resolve(root, page), 'utf8').split('\n')
  const blocks: MarkdownBlock[] = []
  let heading = ''
  for (let at = 0; at < lines.length; at++) {
    heading = /^#+ (.*)$/.exec(lines[at] ?? '')?.[1] ?? heading
    const [, indent = '', fence, words = ''] = /^( *)(`{3,}|~{3,})(.*)$/.exec(lines[at] ?? '') ?? []
    if (fence === undefined) continue
    const end = lines.findIndex((line, other) => other > at && line.trim().startsWith(fence))
    const place = `${page}:${at + 2}`
    if (end === -1) throw new Error(`${place}: the block is not closed`)
    const [, language = '', info = ''] = /^(\S*)\s*(.*?)\s*$/.exec(words.trim()) ?? []
    const text = lines.slice(at + 1, end).map((line) => line.slice(indent.length))
    blocks.push({ place, page, line: at + 2, language, info, heading, text: `${text.join('\n')}\n` })
    at = end
  }
  return blocks
}
