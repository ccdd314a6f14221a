// A context at a glance, for the front page and for the path of a context without a tenant.

import { describeSchema, type KnownName, nouns, serviceNouns } from 'digital-objects'
import type { Lens } from './compose-contexts.ts'
import { findContext } from './contexts.ts'

const known = { ...nouns, ...serviceNouns }

export interface LensDescription {
  /** `crm/healthcare` */
  readonly context: string
  readonly dimensions: readonly { readonly name: string; readonly kind: string; readonly about: string }[]
  /** The entity types in their order. */
  readonly entities: readonly { readonly name: KnownName; readonly label?: string; readonly about?: string }[]
  /** Templates of addresses; `{tenant}` stands for the name of a tenant. */
  readonly links: { readonly tenant: string; readonly schema: string; readonly openapi: string }
}

/** `base` is the URL of the server as the caller addressed it, with the labels of the lens. */
export function describeLens({ dimensions, entities, labels }: Lens, base: string): LensDescription {
  return {
    context: dimensions.join('/'),
    dimensions: dimensions.flatMap((label) => {
      const context = findContext(label)
      return context === undefined ? [] : [{ name: context.name, kind: context.kind, about: context.about }]
    }),
    entities: (entities ?? (Object.keys(known) as KnownName[])).map((name) => {
      const label = labels[name]
      const { about } = describeSchema(known[name].$schema)
      return { name, ...(label === undefined ? {} : { label }), ...(about === undefined ? {} : { about }) }
    }),
    links: {
      tenant: `${base}/~{tenant}`,
      schema: `${base}/~{tenant}/schema`,
      openapi: `${base}/~{tenant}/openapi`,
    },
  }
}
