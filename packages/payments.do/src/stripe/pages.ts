// Pages of a list at Stripe, newest object first.

import { requireRow, type ObjectName } from './object-table.ts'
import type { StripeApi, StripeObject, StripeParameters } from './stripe-api.ts'
import { listAt, textAt } from './stripe-value.ts'

export const pageMax = 100

export interface Page {
  readonly objects: readonly StripeObject[]
  /** The id after which the next page begins; undefined at the end. */
  readonly after: string | undefined
}

export async function readPage(
  api: StripeApi,
  path: string,
  { after, ...parameters }: StripeParameters & { readonly after?: string | undefined },
): Promise<Page> {
  const page = await api.get(path, {
    limit: pageMax,
    ...parameters,
    ...(after === undefined ? {} : { starting_after: after }),
  })
  const objects = listAt(page, 'data')
  const last = textAt(objects.at(-1) ?? {}, 'id')
  return { objects, after: page['has_more'] === true ? last : undefined }
}

/** Returns the parameters of a list of all objects of a type. */
export function listParameters(name: ObjectName): StripeParameters {
  const { expand = [] } = requireRow(name)
  return {
    ...(name === 'subscription' ? { status: 'all' } : {}),
    ...(expand.length === 0 ? {} : { expand: expand.map((member) => `data.${member}`) }),
  }
}
