// The entities of the domain `identity`, bound to the default client.

import { ApiKey as ApiKeyNoun, User as UserNoun } from 'digital-objects'
import { defaultEntity } from './default-session.ts'
import type { EntityMethods } from '../entities/entity-methods.ts'

export const User: EntityMethods<'User'> = /* @__PURE__ */ defaultEntity(UserNoun)
export const ApiKey: EntityMethods<'ApiKey'> = /* @__PURE__ */ defaultEntity(ApiKeyNoun)
