// The entities of the domain `marketing`, bound to the default client.

import { Campaign as CampaignNoun, Form as FormNoun, Segment as SegmentNoun } from 'digital-objects'
import { defaultEntity } from './default-session.ts'
import type { EntityMethods } from '../entities/entity-methods.ts'
import type { Namespace } from '../client/client.ts'

export const Campaign: EntityMethods<'Campaign'> = /* @__PURE__ */ defaultEntity(CampaignNoun)
export const Segment: EntityMethods<'Segment'> = /* @__PURE__ */ defaultEntity(SegmentNoun)
export const Form: EntityMethods<'Form'> = /* @__PURE__ */ defaultEntity(FormNoun)

export const marketing: Namespace<'marketing'> = { Campaign, Segment, Form }
