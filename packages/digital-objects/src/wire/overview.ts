// A tenant at a glance, as its page shows it: entity types with counts, the newest events, and where to go on.

export interface Overview {
  readonly $type: 'Overview'
  readonly tenant: string
  readonly context: string
  /** The time of the first event; null for a tenant that does not exist, since it begins with its first event. */
  readonly began: string | null
  /** The number of events in the log, which is also the `seq` of the newest. */
  readonly events: number
  /** The entity types that the caller's host shows. */
  readonly entities: readonly EntitiesOverview[]
  /** The newest events, newest first: those that the caller sees among the last hundred, and at most ten. */
  readonly latest: readonly EventOverview[]
  readonly links: OverviewLinks
}

export interface EntitiesOverview {
  readonly name: string
  /** The name that its users call it in the caller's context: `Patient`. */
  readonly label?: string
  /** A sentence about the entity type. */
  readonly about?: string
  /** The number of live entities. */
  readonly count: number
  /** The address of their list. */
  readonly url: string
}

/** An event without the entity's data. */
export interface EventOverview {
  readonly id: string
  readonly seq: number
  /** `Contact.Qualified` */
  readonly type: string
  /** The entity's id. */
  readonly target: string
  /** The beginning of the entity's name, title or subject after the event, if the log still has it. */
  readonly name?: string
  readonly version: number
  readonly timestamp: string
  readonly actor: string
  /** The address of the entity, which may have been deleted since; of the event, if it is about a definition. */
  readonly url: string
}

export interface OverviewLinks {
  readonly schema: string
  readonly openapi: string
  readonly events: string
  readonly status: string
  readonly lake: string
  /** The tenant described in Markdown, for language models. */
  readonly llms: string
}
