// Brings each deal from where it is to where the file has it, verb by verb; an earlier run may have stopped in between.

import { type Client, HeadlesslyError } from '@headlessly/sdk'
import type { Refusal } from './fill.ts'
import { type Opportunity, readDate, type Repairs } from './rows.ts'

/** Writes on their way together; the server puts those that wait into one commit. */
const atOnceMax = 32

/** What was refused. A deal starts in `Prospecting`, and one that was engaged is in `Qualification`. */
export async function moveDeals(
  { Deal }: Client,
  options: { readonly opportunities: readonly Opportunity[]; readonly repairs: Repairs },
): Promise<readonly Refusal[]> {
  const { opportunities, repairs } = options
  const refused: Refusal[] = []
  const rows = new Map(opportunities.map((row) => [row.values.opportunity_id, row]))
  const move = async (
    stage: 'Prospecting' | 'Qualification',
    one: (id: string, row: Opportunity) => Promise<unknown> | undefined,
  ): Promise<void> => {
    // All of them first, since a deal that moves is no longer among those that match.
    const deals: { readonly $id: string; readonly row: Opportunity }[] = []
    for await (const { $id, externalId } of Deal.find({ stage }, { fields: ['externalId'] })) {
      const row = rows.get(externalId ?? '')
      if (row !== undefined) deals.push({ $id, row })
    }
    let done = 0
    await inParallel(deals, async ({ $id, row }) => {
      try {
        await one($id, row)
      } catch (error) {
        if (!(error instanceof HeadlesslyError) || error.code !== 'validation_error') throw error
        refused.push({ line: row.line, reason: error.message })
      }
      if (++done % 1_000 === 0) console.error(`${stage}: ${done} of ${deals.length} looked at`)
    })
  }

  await move('Prospecting', (id, { values }) => (values.deal_stage === 'Prospecting' ? undefined : Deal.advance(id)))
  await move('Qualification', (id, { values }) => {
    if (values.deal_stage !== 'Won' && values.deal_stage !== 'Lost') return undefined
    const date = readDate(values.close_date, repairs)
    const closing = date === null ? {} : { actualCloseDate: date, closedAt: `${date}T00:00:00Z` }
    return values.deal_stage === 'Won' ? Deal.win(id, closing) : Deal.lose(id, closing)
  })
  return refused
}

/** Whether the file knows it. */
export function isStage(text: string): boolean {
  return ['Prospecting', 'Engaging', 'Won', 'Lost'].includes(text)
}

async function inParallel<Item>(items: readonly Item[], one: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values()
  await Promise.all(
    Array.from({ length: atOnceMax }, async () => {
      for (const item of rest) await one(item)
    }),
  )
}
