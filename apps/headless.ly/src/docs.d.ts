/** A page of the documentation. `build-docs.js` writes the module before the Worker is bundled. */
export interface DocEntry {
  /** The last part of its address, such as `reading`. */
  readonly name: string
  readonly title: string
  /** The first sentence. */
  readonly about: string
  /** Its texts, for `unpack`. */
  readonly packed: string
}

export interface DocTexts {
  readonly markdown: string
  /** Without the title, and without scripts or anything that is loaded. */
  readonly html: string
}

/** The index comes first, then README.md, named `readme`. */
export const docs: readonly [index: DocEntry, ...others: DocEntry[]]
