// The books of support and sales: tickets with their targets, and open deals.

import { type Deed, priorities, type Priority, terms } from './acts.ts'
import { addBusinessHours } from './calendar.ts'

interface Ticket {
  readonly askedAtMs: number
  priority: Priority
  isAnswered: boolean
  isSolved: boolean
  responseDueMs: number
  solutionDueMs: number
  breachedAtMs: number | undefined
}

export const outcomes = ['won', 'lost'] as const

interface Deal {
  readonly value: number
  readonly probability: number
  readonly offeredAtMs: number
  readonly decidedAtMs: number
  readonly outcome: (typeof outcomes)[number] | undefined
}

export class SupportLedger {
  readonly tickets = new Map<string, Ticket>()
  readonly #deals = new Map<string, Deal>()

  note(deed: Deed, atMs: number): void {
    switch (deed.kind) {
      case 'ask':
        this.tickets.set(deed.ticket, {
          askedAtMs: atMs,
          isAnswered: false,
          isSolved: false,
          breachedAtMs: undefined,
          ...targetsOf(deed.priority, atMs),
        })
        return
      case 'reply':
        this.#ticket(deed.ticket).isAnswered = true
        return
      case 'escalate': {
        const ticket = this.#ticket(deed.ticket)
        const higher = priorities[Math.min(priorities.indexOf(ticket.priority) + 1, priorities.length - 1)]
        Object.assign(ticket, targetsOf(higher ?? 'Urgent', ticket.askedAtMs))
        this.reach(atMs)
        return
      }
      case 'solve':
        this.#ticket(deed.ticket).isSolved = true
        return
      case 'offer':
        this.#deals.set(deed.deal, {
          value: deed.value,
          probability: deed.probability,
          offeredAtMs: atMs,
          decidedAtMs: Number.POSITIVE_INFINITY,
          outcome: undefined,
        })
        return
      case 'advance':
        this.#deals.set(deed.deal, { ...this.#deal(deed.deal), probability: deed.probability })
        return
      case 'win':
      case 'lose': {
        const outcome = deed.kind === 'win' ? 'won' : 'lost'
        this.#deals.set(deed.deal, { ...this.#deal(deed.deal), decidedAtMs: atMs, outcome })
        return
      }
      default:
    }
  }

  /** Notes the first target that each ticket has missed until a time. */
  reach(untilMs: number): void {
    for (const ticket of this.tickets.values()) {
      if (ticket.isSolved || ticket.breachedAtMs !== undefined) continue
      const missedMs = Math.min(ticket.isAnswered ? Infinity : ticket.responseDueMs, ticket.solutionDueMs)
      if (missedMs <= untilMs) ticket.breachedAtMs = missedMs
    }
  }

  openTickets(): number {
    return this.#count(() => true)
  }

  /** Open tickets beyond a target. */
  lateTickets(atMs: number): number {
    return this.#count(
      ({ isAnswered, responseDueMs, solutionDueMs }) => (!isAnswered && responseDueMs < atMs) || solutionDueMs < atMs,
    )
  }

  weightedPipeline(): number {
    let sum = 0
    for (const { value, probability } of this.openDeals()) sum += (value * probability) / 100
    return sum
  }

  openDeals(): readonly Deal[] {
    return [...this.#deals.values()].filter(({ outcome }) => outcome === undefined)
  }

  decided(outcome: (typeof outcomes)[number]): readonly Deal[] {
    return [...this.#deals.values()].filter((deal) => deal.outcome === outcome)
  }

  #count(isMeant: (ticket: Ticket) => boolean): number {
    return [...this.tickets.values()].filter((ticket) => !ticket.isSolved && isMeant(ticket)).length
  }

  #deal(key: string): Deal {
    const deal = this.#deals.get(key)
    if (deal === undefined) throw new Error(`nobody has offered ${key}`)
    return deal
  }

  #ticket(key: string): Ticket {
    const ticket = this.tickets.get(key)
    if (ticket === undefined) throw new Error(`nobody has asked ${key}`)
    return ticket
  }
}

function targetsOf(
  priority: Priority,
  askedAtMs: number,
): Pick<Ticket, 'priority' | 'responseDueMs' | 'solutionDueMs'> {
  return {
    priority,
    responseDueMs: addBusinessHours(askedAtMs, terms.firstResponseHours[priority]),
    solutionDueMs: addBusinessHours(askedAtMs, terms.resolutionHours[priority]),
  }
}
