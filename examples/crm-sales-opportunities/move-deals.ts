// Moves each deal from its present stage to the file's stage, verb by verb. An earlier run may have stopped in between.

import type { Client } from '@headlessly/sdk'
import { type Refusal, refusalsOf } from './fill.ts'
import { type Opportunity, readDate, type Repairs } from './rows.ts'

/** Returns the refusals. A deal starts in `Prospecting` and is in `Qualification` once it was engaged. */
export async function moveDeals(
  { Deal }: Client,
  options: { readonly opportunities: readonly Opportunity[]; readonly repairs: Repairs },
): Promise<readonly Refusal[]> {
  const rows = new Map(options.opportunities.map((row) => [row.values.opportunity_id, row]))
  const moves: (Opportunity & { readonly id: string; readonly stage: string })[] = []
  const open = Deal.find({ stage: { $in: ['Prospecting', 'Qualification'] } }, { fields: ['externalId', 'stage'] })
  for await (const { $id, externalId, stage } of open) {
    const row = rows.get(externalId ?? '')
    if (row !== undefined && row.values.deal_stage !== 'Prospecting') moves.push({ ...row, id: $id, stage })
  }
  return refusalsOf(moves, async ({ id, stage, values }) => {
    // The next verb uses the pending id, so both calls travel in one message, in this order.
    const engaged = stage === 'Prospecting' ? Deal.advance(id).$id : id
    const date = readDate(values.close_date, options.repairs)
    const closing = date === null ? {} : { actualCloseDate: date, closedAt: `${date}T00:00:00Z` }
    if (values.deal_stage === 'Won') return Deal.win(engaged, closing)
    return values.deal_stage === 'Lost' ? Deal.lose(engaged, closing) : engaged
  })
}

/** Whether the file uses the stage. */
export function isStage(text: string): boolean {
  return ['Prospecting', 'Engaging', 'Won', 'Lost'].includes(text)
}
