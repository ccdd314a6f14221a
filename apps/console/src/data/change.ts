// A change of one entity, as a person asks for it.

export interface Change {
  readonly noun: string
  readonly id: string
  /** `update`, `delete` or a verb of the type. */
  readonly verb: string
  readonly data?: Readonly<Record<string, unknown>>
  /** The version that the change was made from; others' changes since then refuse it. */
  readonly ifVersion?: number | undefined
}

/** The key of the mutations that make changes, whose pending ones are shown. */
export function changeKey(tenant: string): readonly [tenant: string, kind: 'change'] {
  return [tenant, 'change']
}
