// `metrics`: shows all metrics of the business, or one of them and its series.

import type { Row } from './row.ts'
import type { Command } from './command.ts'
import { oneOf } from './flag.ts'
import { asOf } from './read-flags.ts'

const steps = ['day', 'week', 'month', 'quarter', 'year'] as const

export const metricsCommand: Command = {
  name: 'metrics',
  words: ['[name]'],
  about: 'show all metrics of the business, or one of them; with --step, --from or --to its series',
  example: 'metrics mrr --step month',
  flags: [
    {
      name: 'step',
      kind: 'value',
      placeholder: '<period>',
      values: steps,
      about: 'the periods of a series',
      parse: oneOf(steps),
    },
    { name: 'from', kind: 'value', placeholder: '<date>', about: 'the first day of a series' },
    { name: 'to', kind: 'value', placeholder: '<date>', about: 'the last day of a series' },
    asOf,
  ],
  async run({ words: [name], flags, output, client, signal }) {
    const { metrics } = client()
    const time = { signal, asOf: flags.text('as-of') }
    if (name === undefined) {
      const all = await metrics.all(time)
      if (output.isJson) output.json(all)
      else output.rows(rowsOf(all), ['group', 'metric', 'value'])
      return 0
    }
    const step = steps.find((one) => one === flags.text('step'))
    const report: Row = {
      ...(await metrics.get(name, { ...time, step, from: flags.text('from'), to: flags.text('to') })),
    }
    const { history, ...rest } = report
    if (output.isJson) output.json(report)
    else if (Array.isArray(history)) output.rows(history as readonly Row[], ['date', 'value'])
    else output.record(rest)
    return 0
  },
}

/** A row for each metric. */
function rowsOf(all: Row): readonly Row[] {
  return Object.entries(all).flatMap(([group, values]) =>
    typeof values !== 'object' || values === null
      ? []
      : Object.entries(values).map(([metric, value]: [string, unknown]) => ({ group, metric, value })),
  )
}
