// Prints the server's pipeline by stage, sales agent and quarter, and compares it with the file.

import type { Client } from '@headlessly/sdk'
import { type Opportunity, readDate, Repairs } from './rows.ts'

interface Line {
  deals: number
  value: number
}

/** Returns whether the server's counts and values equal the file's. */
export async function printPipeline(
  { Deal }: Client,
  options: { readonly agentNames: ReadonlyMap<string, string>; readonly opportunities: readonly Opportunity[] },
): Promise<boolean> {
  const { agentNames, opportunities } = options
  const ours = new Tally()
  const fields = ['stage', 'value', 'owner', 'actualCloseDate'] as const
  for await (const { stage, value, owner = '', actualCloseDate } of Deal.find({}, { fields, sort: 'externalId' }))
    ours.add({ stage, value, agent: agentNames.get(owner) ?? '', closed: actualCloseDate ?? null })
  const theirs = new Tally()
  for (const { values } of opportunities) {
    theirs.add({
      stage: values.deal_stage === 'Engaging' ? 'Qualification' : values.deal_stage,
      agent: values.sales_agent,
      closed: readDate(values.close_date, new Repairs()),
      value: Number(values.close_value),
    })
  }
  for (const [title, key] of [
    ['stage', 'byStage'],
    ['sales agent', 'byAgent'],
    ['quarter closed', 'byQuarter'],
  ] as const) {
    console.log(`\n${title.padEnd(24)} deals        value`)
    for (const [name, line] of [...ours[key]].toSorted(([a], [b]) => a.localeCompare(b))) {
      console.log(
        `${name.padEnd(22)} ${String(line.deals).padStart(7)} ${line.value.toLocaleString('en-US').padStart(12)}`,
      )
    }
  }
  const isAgreed = ours.toText() === theirs.toText()
  console.log(isAgreed ? '\nEvery count and value agrees with the file.' : '\nThe server and the file DISAGREE.')
  return isAgreed
}

class Tally {
  readonly byStage = new Map<string, Line>()
  readonly byAgent = new Map<string, Line>()
  readonly byQuarter = new Map<string, Line>()

  add(deal: {
    readonly stage: string
    readonly agent: string
    readonly closed: string | null
    readonly value: number
  }): void {
    const { stage, agent, closed, value } = deal
    count(this.byStage, stage, value)
    count(this.byAgent, agent, value)
    count(
      this.byQuarter,
      closed === null ? 'open' : `${closed.slice(0, 4)} Q${Math.ceil(Number(closed.slice(5, 7)) / 3)}`,
      value,
    )
  }

  toText(): string {
    return JSON.stringify(
      [this.byStage, this.byAgent, this.byQuarter].map((lines) => [...lines].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    )
  }
}

function count(lines: Map<string, Line>, name: string, value: number): void {
  const line = lines.get(name) ?? { deals: 0, value: 0 }
  lines.set(name, { deals: line.deals + 1, value: line.value + value })
}
