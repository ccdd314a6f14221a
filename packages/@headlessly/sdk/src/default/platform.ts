// The entities of the domain `platform`, bound to the default client.

import { Agent as AgentNoun, Integration as IntegrationNoun, Workflow as WorkflowNoun } from 'digital-objects'
import { defaultEntity } from './default-session.ts'
import type { EntityMethods } from '../entities/entity-methods.ts'
import type { Namespace } from '../client/client.ts'

export const Workflow: EntityMethods<'Workflow'> = /* @__PURE__ */ defaultEntity(WorkflowNoun)
export const Integration: EntityMethods<'Integration'> = /* @__PURE__ */ defaultEntity(IntegrationNoun)
export const Agent: EntityMethods<'Agent'> = /* @__PURE__ */ defaultEntity(AgentNoun)

export const platform: Namespace<'platform'> = { Workflow, Integration, Agent }
