// The tenant's Nouns in a manifest: the definitions under which its files were written.

import type { Manifest } from '@dotdo/db'
import { type Catalog, makeCatalog, type NounLookup, type NounSchema } from 'digital-objects'

/** Caches catalogs, because many reads use the same manifest. */
const catalogs = new WeakMap<Manifest, Catalog>()

export class FilesNouns {
  readonly #catalog: Catalog
  readonly #stale: ReadonlySet<string>
  #hasUsedStale = false

  /** `builtIn` are the Nouns that every tenant of the server has. */
  constructor(manifest: Manifest, builtIn: readonly NounSchema[]) {
    this.#catalog = catalogOf(manifest, builtIn)
    this.#stale = new Set(manifest.stale)
  }

  readonly lookup: NounLookup = (name) => {
    if (this.#stale.has(name)) this.#hasUsedStale = true
    return this.#catalog.lookup(name)
  }

  /** All Nouns. */
  get nouns(): readonly NounSchema[] {
    if (this.#stale.size > 0) this.#hasUsedStale = true
    return this.#catalog.nouns
  }

  /** Whether a Noun was looked up whose files are stale, because they lack a change of its definition. */
  get hasUsedStale(): boolean {
    return this.#hasUsedStale
  }
}

function catalogOf(manifest: Manifest, builtIn: readonly NounSchema[]): Catalog {
  if (manifest.definitions.length === 0) return makeCatalog(builtIn, [])
  let catalog = catalogs.get(manifest)
  if (catalog === undefined) catalogs.set(manifest, (catalog = makeCatalog(builtIn, manifest.definitions)))
  return catalog
}
