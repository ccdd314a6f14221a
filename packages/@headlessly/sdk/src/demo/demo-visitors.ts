// Visitors of the sample company's site, who look at the price and may order.

import type { DemoAct } from './demo-act.ts'
import type { SeededChoice } from './seeded-choice.ts'

export function demoVisitors(
  choice: SeededChoice,
  { count, days }: { readonly count: number; readonly days: number },
): readonly DemoAct[] {
  return Array.from({ length: count }, (_, at): readonly DemoAct[] => {
    const day = 5 + (at * (days - 10)) / count
    const userId = `visitor-${at + 1}`
    const step = (name: string, after: number): DemoAct => ({
      day: day + after,
      write: 'Event.create',
      body: { name, userId, path: '/' },
    })
    const sawPrice = choice.chance(0.6)
    const ordered = sawPrice && choice.chance(0.3)
    return [step('Visit', 0), ...(sawPrice ? [step('Price', 0.01)] : []), ...(ordered ? [step('Order', 0.03)] : [])]
  }).flat()
}
