// Generated sections of pages. A page is written by hand, and has the places of generated text between two comments:
// `<!-- generated: error-codes -->` and `<!-- end -->`.

export interface Filled {
  readonly text: string
  /** The names of the sections that the page has. */
  readonly names: readonly string[]
}

const sectionPattern = /<!-- generated: ([\w-]+) -->\n[^]*?<!-- end -->/g

/** Replaces each section of the page by its present text. Throws for a name that is not in `sections`. */
export function fillSections(page: string, sections: Readonly<Record<string, () => string>>): Filled {
  const names: string[] = []
  const text = page.replaceAll(sectionPattern, (_, name: string) => {
    const section = sections[name]
    if (section === undefined)
      throw new Error(`no section '${name}': expected one of ${Object.keys(sections).join(', ')}`)
    names.push(name)
    return `<!-- generated: ${name} -->\n\n${section()}\n\n<!-- end -->`
  })
  return { text, names }
}
