// Data stays data: no text becomes markup in HTML or in Markdown.

import fc from 'fast-check'
import { marked, type Token } from 'marked'
import { parseFragment } from 'parse5'
import { describe, expect, test } from 'vitest'
import { html } from './html.ts'
import { attributeOf, elementsOf, hostileText, textOf } from '../../test/html-tree.ts'
import { markdownBlock, markdownCode, markdownText } from './markdown-text.ts'

describe('HTML', () => {
  test('any text is the text of its element and the value of its attribute, and nothing else', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const errors: string[] = []
        const markup = html`<p title="${text}">${text}</p>`.html
        const [element, ...others] = elementsOf(
          parseFragment(markup, { onParseError: ({ code }) => errors.push(code) }),
        )
        const shown = text.toWellFormed().replace(/(?![\t\n])\p{Cc}|\p{Noncharacter_Code_Point}/gu, '\ufffd')
        expect(errors).toEqual([])
        expect(others).toEqual([])
        expect([element && textOf(element), attributeOf(element, 'title')]).toEqual([shown, shown])
      }),
    )
  })
})

describe('Markdown', () => {
  const flat = (text: string): string => text.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
  const inlineOf = (source: string): readonly Token[] =>
    marked.lexer(`x ${source} x`).flatMap((one) => ('tokens' in one ? (one.tokens ?? []) : [one]))

  test('any text in a line is text', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const tokens = inlineOf(markdownText(text))
        expect(tokens.filter(({ type }) => !['text', 'escape'].includes(type))).toEqual([])
        expect(tokens.map((one) => ('text' in one ? String(one.text) : '')).join('')).toBe(`x ${flat(text)} x`.trim())
      }),
    )
  })

  test('any text is code in a line, and a block', () => {
    fc.assert(
      fc.property(
        hostileText.filter((text) => flat(text).trim() !== ''),
        (text) => {
          const spans = inlineOf(markdownCode(text)).filter(({ type }) => type === 'codespan')
          expect(spans).toHaveLength(1)
          const blocks = marked.lexer(markdownBlock(flat(text)))
          expect(blocks.map((one) => ('text' in one ? one.text : ''))).toEqual([flat(text)])
        },
      ),
    )
  })
})
