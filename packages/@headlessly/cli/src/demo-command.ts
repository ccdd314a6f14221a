// `demo`: loads the sample company into an empty tenant, which becomes a test tenant.

import { loadDemo } from '@headlessly/sdk'
import type { Command } from './command.ts'
import { UsageError } from './usage-error.ts'

/** A step of the clock answers after ten seconds at the latest, however long its jobs take. */
const timeoutMs = 60_000

export const demoCommand: Command = {
  name: 'demo',
  words: ['[tenant]'],
  about: 'load a sample company with a year of business into an empty tenant, whose clock then stands',
  example: 'demo harbour',
  flags: [
    {
      name: 'until',
      kind: 'value',
      placeholder: '<day>',
      about: 'the last day of its year, such as 2026-06-30; today by default',
    },
  ],
  async run({ words: [tenant], flags, output, client, signal }) {
    const untilMs = dayOf(flags.text('until') ?? new Date().toISOString().slice(0, 10))
    const demo = await loadDemo(client({ tenant, timeoutMs }), {
      untilMs,
      signal,
      onProgress: (done, total) => output.progress(`${done} of ${total} acts`),
    })
    output.lineOrJson(`${demo.acts} acts and ${demo.paid} payments are in, up to ${demo.now}`, demo)
    return 0
  },
}

function dayOf(text: string): number {
  const ms = Date.parse(`${text}T00:00:00Z`)
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(ms)
  if (isDay && new Date(ms).toISOString().startsWith(text)) return ms
  throw new UsageError(`--until expects a day such as 2026-06-30, got '${text}'`, 'demo')
}
