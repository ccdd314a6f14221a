// The fenced blocks of a Markdown page, for the tests that run what pages show.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

export interface MarkdownBlock {
  /** `README.md:112`, where its first line is. */
  readonly place: string
  /** Of its first line, from 1. */
  readonly line: number
  /** The first word after the fence, and what follows it. */
  readonly language: string
  readonly info: string
  /** The nearest heading above it. */
  readonly heading: string
  readonly text: string
}

const root = resolve(import.meta.dirname, '..')

/** `page` is relative to the repository. Throws where a fence is not closed. */
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
    blocks.push({ place, line: at + 2, language, info, heading, text: `${text.join('\n')}\n` })
    at = end
  }
  return blocks
}
