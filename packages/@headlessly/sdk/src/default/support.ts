// The entities of the domain `support`, bound to the default client.

import { Ticket as TicketNoun } from 'digital-objects'
import { defaultEntity } from './default-session.ts'
import type { EntityMethods } from '../entities/entity-methods.ts'
import type { Namespace } from '../client/client.ts'

export const Ticket: EntityMethods<'Ticket'> = /* @__PURE__ */ defaultEntity(TicketNoun)

export const support: Namespace<'support'> = { Ticket }
