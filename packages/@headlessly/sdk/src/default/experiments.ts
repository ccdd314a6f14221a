// The entities of the domain `experiments`, bound to the default client.

import { Experiment as ExperimentNoun, FeatureFlag as FeatureFlagNoun } from 'digital-objects'
import { defaultEntity } from './default-session.ts'
import type { EntityMethods } from '../entities/entity-methods.ts'
import type { Namespace } from '../client/client.ts'

export const Experiment: EntityMethods<'Experiment'> = /* @__PURE__ */ defaultEntity(ExperimentNoun)
export const FeatureFlag: EntityMethods<'FeatureFlag'> = /* @__PURE__ */ defaultEntity(FeatureFlagNoun)

export const experiments: Namespace<'experiments'> = { Experiment, FeatureFlag }
