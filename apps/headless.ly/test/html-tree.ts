// Parsed HTML for tests, and text that tries to break out of it.

import fc from 'fast-check'
import type { DefaultTreeAdapterMap } from 'parse5'

export type Node = DefaultTreeAdapterMap['node']
export type Element = DefaultTreeAdapterMap['element']

const marks = ['<', '>', '&', '"', "'", '`', '</style>', '</script>', '<script>', '<!--', '-->', '{{', '$(x)', '\\']
const more = ['\n', '\r', '\0', '\u202e', '\u2028', '|', '](http://evil.example/)', '**', '# ', '- ', '<img src=x>']

/** Names that people and attackers give. */
export const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...marks, ...more), fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 8 })
  .map((parts) => parts.join(''))

/** In the order of the document. */
export function elementsOf(node: Node): readonly Element[] {
  const own = 'tagName' in node ? [node] : []
  return 'childNodes' in node ? [...own, ...node.childNodes.flatMap(elementsOf)] : own
}

export function textOf(node: Node): string {
  if ('value' in node) return node.value
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : ''
}

export function attributeOf(element: Element | undefined, name: string): string | undefined {
  return element?.attrs.find((one) => one.name === name)?.value
}
