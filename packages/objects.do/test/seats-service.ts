// A small service with an asynchronous BEFORE handler: a room has two seats, and each seat is told its number in the room. A
// seat called 'slow' is handled only when the test lets it.

import type { Service } from '@dotdo/service'
import { Noun, ObjectError } from 'digital-objects'

export const Seat = Noun(
  'Seat',
  { room: 'string!#', name: 'string?', number: 'integer?' },
  { about: 'A seat in a room.', descriptions: { room: 'The room.', name: 'Who sits there.', number: 'From 1.' } },
)

const seatsMax = 2

/** Runs of the handler, and the seats that wait to be handled. */
export const seatRuns = { count: 0, waiting: [] as (() => void)[] }

export const seats: Service = {
  name: 'seats.do',
  about: 'Gives each room two seats.',
  nouns: [Seat.$schema],
  hooks: () => ({
    asyncBefore: [
      {
        id: 'seats.do/number',
        applies: (noun, verb) => noun === 'Seat' && verb === 'create',
        run: async (fields, { read }) => {
          seatRuns.count++
          const room = String(fields['room'])
          const taken = (await read({ kind: 'read', read: 'count', noun: 'Seat', parameters: { room } })) as {
            readonly count: number
          }
          if (fields['name'] === 'slow') await new Promise<void>((resolve) => seatRuns.waiting.push(resolve))
          else await new Promise((resolve) => setTimeout(resolve, 2))
          if (taken.count < seatsMax) return { ...fields, number: taken.count + 1 }
          throw new ObjectError({ code: 'hook_rejected', field: 'room', message: `${room} is full` })
        },
      },
    ],
  }),
}
