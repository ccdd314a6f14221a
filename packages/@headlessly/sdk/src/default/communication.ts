// The entities of the domain `communication`, bound to the default client.

import { Message as MessageNoun } from 'digital-objects'
import { defaultEntity } from './default-session.ts'
import type { EntityMethods } from '../entities/entity-methods.ts'

export const Message: EntityMethods<'Message'> = /* @__PURE__ */ defaultEntity(MessageNoun)
