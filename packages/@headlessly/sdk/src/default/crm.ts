// The entities of the domain `crm`, bound to the default client.

import {
  Activity as ActivityNoun,
  Contact as ContactNoun,
  Deal as DealNoun,
  Lead as LeadNoun,
  Organization as OrganizationNoun,
  Pipeline as PipelineNoun,
} from 'digital-objects'
import { defaultEntity } from './default-session.ts'
import type { EntityMethods } from '../entities/entity-methods.ts'
import type { Namespace } from '../client/client.ts'

export const Organization: EntityMethods<'Organization'> = /* @__PURE__ */ defaultEntity(OrganizationNoun)
export const Contact: EntityMethods<'Contact'> = /* @__PURE__ */ defaultEntity(ContactNoun)
export const Lead: EntityMethods<'Lead'> = /* @__PURE__ */ defaultEntity(LeadNoun)
export const Deal: EntityMethods<'Deal'> = /* @__PURE__ */ defaultEntity(DealNoun)
export const Activity: EntityMethods<'Activity'> = /* @__PURE__ */ defaultEntity(ActivityNoun)
export const Pipeline: EntityMethods<'Pipeline'> = /* @__PURE__ */ defaultEntity(PipelineNoun)

export const crm: Namespace<'crm'> = { Organization, Contact, Lead, Deal, Activity, Pipeline }
