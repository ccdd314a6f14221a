// `clock`: shows the tenant's clock, makes it a test clock, or advances that.

import type { ClockState } from '@headlessly/sdk'
import type { Row } from './row.ts'
import type { Command } from './command.ts'
import { UsageError } from './usage-error.ts'

/** The server answers after ten seconds, however long its jobs take. */
const timeoutMs = 60_000

export const clockCommand: Command = {
  name: 'clock',
  words: ['[tenant]'],
  about: "show the tenant's clock, or set and advance that of a test tenant",
  example: 'clock --advance P1M',
  flags: [
    {
      name: 'now',
      kind: 'value',
      placeholder: '<time>',
      about: 'make a tenant without entities a test tenant, whose clock stands at this time',
    },
    {
      name: 'advance',
      kind: 'value',
      placeholder: '<duration>',
      about: 'advance the test clock by P1M, P2W, PT36H, or to a time, and run the jobs that become due',
    },
  ],
  async run({ words: [tenant], flags, output, client, signal }) {
    const [now, duration] = [flags.text('now'), flags.text('advance')]
    if (now !== undefined && duration !== undefined)
      throw new UsageError('clock takes either --now or --advance', 'clock')
    const { clock } = client({ tenant, timeoutMs })
    const state =
      now !== undefined
        ? await clock.set(now, { signal })
        : duration !== undefined
          ? await clock.advance(duration, { signal })
          : await clock.read({ signal })
    if (output.isJson) output.json(state)
    else output.record(toRow(state))
    return 0
  },
}

function toRow({ now, isTest, advancingTo, ran }: ClockState): Row {
  const steps = Object.entries(ran).map(([job, count]) => [`job ${job}`, `${count} steps`])
  return {
    now,
    clock: isTest ? 'test' : 'server',
    ...(advancingTo === null ? {} : { 'advancing to': advancingTo }),
    ...Object.fromEntries(steps),
  }
}
