// The tenant's Nouns in a manifest: the definitions under which its files were written.

import type { Manifest } from '@dotdo/db'
import { type Catalog, makeCatalog, type NounLookup, type NounSchema } from 'digital-objects'
import { builtInSchemas } from '../entities/built-in-nouns.ts'

const builtIn = makeCatalog(builtInSchemas, [])
/** Caches catalogs, because many reads use the same manifest. */
const catalogs = new WeakMap<Manifest, Catalog>()

export class FilesNouns {
  readonly #catalog: Catalog
  readonly #stale: ReadonlySet<string>
  #hasUsedStale = false

  constructor(manifest: Manifest) {
    this.#catalog = catalogOf(manifest)
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

function catalogOf(manifest: Manifest): Catalog {
  if (manifest.definitions.length === 0) return builtIn
  let catalog = catalogs.get(manifest)
  if (catalog === undefined) catalogs.set(manifest, (catalog = makeCatalog(builtInSchemas, manifest.definitions)))
  return catalog
}
