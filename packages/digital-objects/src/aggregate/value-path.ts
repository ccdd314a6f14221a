// A path from an entity to one value, across references to one entity each.

import type { FilterPath, ScalarStorage } from '../filter/filter.ts'

/** The paths to one value: several if a reference on the way may point to several Nouns, and then at most one has a value. */
export interface ValuePath {
  readonly paths: readonly FilterPath[]
  readonly storage: ScalarStorage
}
