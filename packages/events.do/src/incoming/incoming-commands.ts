// What only the tenant's object can do with a delivery: it has the secrets.

import type { ServiceCommands } from '@dotdo/service'
import { isPlainObject } from 'digital-objects'
import { receive, type Receiving } from './receive.ts'

export function incomingCommands(receiving: Receiving): ServiceCommands {
  return {
    'incoming.receive': async (input) => {
      const { id, body, headers } = isPlainObject(input) ? input : {}
      const given = isPlainObject(headers) ? Object.entries(headers) : []
      const texts = Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
      return { ...(await receive(receiving, { id: String(id), body: String(body), headers: texts })) }
    },
  }
}
