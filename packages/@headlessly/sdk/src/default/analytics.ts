// The entities of the domain `analytics`, bound to the default client.

import { Event as EventNoun, Funnel as FunnelNoun, Goal as GoalNoun, Metric as MetricNoun } from 'digital-objects'
import { defaultEntity } from './default-session.ts'
import type { EntityMethods } from '../entities/entity-methods.ts'
import type { Namespace } from '../client/client.ts'

export const Event: EntityMethods<'Event'> = /* @__PURE__ */ defaultEntity(EventNoun)
export const Metric: EntityMethods<'Metric'> = /* @__PURE__ */ defaultEntity(MetricNoun)
export const Funnel: EntityMethods<'Funnel'> = /* @__PURE__ */ defaultEntity(FunnelNoun)
export const Goal: EntityMethods<'Goal'> = /* @__PURE__ */ defaultEntity(GoalNoun)

export const analytics: Namespace<'analytics'> = { Event, Metric, Funnel, Goal }
