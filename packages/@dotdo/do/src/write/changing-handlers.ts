// AFTER handlers that come and go, as the outbox uses them: their rows have the id of the handler after the prefix of its kind.

import type { AfterHandler, ChangingAfter } from './hooks.ts'
import type { OutboxHandler, OutboxOptions } from './outbox.ts'

export function changingHandlers<Event>(
  kinds: readonly ChangingAfter[],
  toOutbox: (handler: AfterHandler) => OutboxHandler<Event>,
): NonNullable<OutboxOptions<Event>['changing']> {
  return {
    handling: (event) => kinds.flatMap(({ prefix, handling }) => handling(event).map((id) => prefix + id)),
    find: (id) => {
      const kind = kinds.find(({ prefix }) => id.startsWith(prefix))
      if (kind === undefined) return undefined
      return toOutbox({ ...kind.find(id.slice(kind.prefix.length)), id, handles: () => false })
    },
  }
}
