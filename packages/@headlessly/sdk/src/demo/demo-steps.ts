// Performs the steps of the sample company: keys of agents, decisions about what waits, functions, a webhook, and who takes part in
// an experiment.

import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { NounSchema } from 'digital-objects'
import type { Session } from '../calls/session.ts'
import { type Client, makeSession } from '../client/client.ts'
import { type AnyEntity, anyEntity } from '../entities/any-entity.ts'
import { makeEntityMethods } from '../entities/make-entity-methods.ts'
import type { DemoNames, DemoStep } from './demo-act.ts'

type StepOf<Name extends DemoStep['step']> = Extract<DemoStep, { readonly step: Name }>

export class DemoSteps {
  readonly #client: Client
  readonly #names: DemoNames
  readonly #agents = new Map<string, Session>()
  /** Participants of each variant so far. */
  readonly #exposed = new Map<string, number>()

  constructor(client: Client, names: DemoNames) {
    this.#client = client
    this.#names = names
  }

  /** The entities of a type, as the key of an agent reaches them; without an agent, as the loader does. */
  entities(noun: string, agent: string | undefined): AnyEntity {
    if (agent === undefined) return anyEntity(this.#client, noun)
    const session = this.#agents.get(agent)
    if (session === undefined) throw new Error(`the agent '${agent}' has no key`)
    // A whole client would bring the catalog into the programs that load no sample.
    const { $schema } = Reflect.get(this.#client, noun) as { readonly $schema: NounSchema } // set by the client
    return anyEntity({ [noun]: makeEntityMethods({ $name: noun, $schema }, () => session) }, noun)
  }

  async perform(step: DemoStep): Promise<void> {
    const { access, commits, functions, webhooks } = this.#client
    switch (step.step) {
      case 'name the first':
        return this.#nameFirst(step)
      case 'give a key':
        return this.#giveKey(step)
      case 'take back':
        await commits.undo({ actor: this.#idOf(step.agent), since: this.#names.timeOf(step.since) })
        return
      case 'set rules':
        await access.setApprovalRules(step.rules)
        return
      case 'approve':
        return decide(() => access.approve(this.#idOf(step.proposal)))
      case 'refuse':
        return decide(() => access.refuse(this.#idOf(step.proposal), { reason: step.reason }))
      case 'put a function':
        return this.#put(() => functions.put(step.name, step.input))
      case 'prepare a webhook': {
        const { $id } = await webhooks.create(step.input)
        await webhooks.disable($id)
        return
      }
      case 'expose':
        return this.#expose(step)
      default:
        return step satisfies never
    }
  }

  #idOf(name: string): string {
    return String(this.#names.resolve(`@${name}`))
  }

  async #nameFirst({ noun, filter, as }: StepOf<'name the first'>): Promise<void> {
    const found = await anyEntity(this.#client, noun).find(Object(this.#names.resolve(filter)), {
      limit: 1,
      strong: true,
    })
    this.#names.name(as, { ...found[0] })
  }

  async #giveKey({ agent, name }: StepOf<'give a key'>): Promise<void> {
    const { tenant, context } = this.#client
    const made = await anyEntity(this.#client, 'ApiKey').perform('create', { name, owner: this.#idOf(agent) })
    const endpoint = context.slice(0, -`/~${tenant}`.length)
    this.#agents.set(agent, makeSession({ tenant, endpoint, apiKey: String(made?.['key']) }))
  }

  /** A server without a sandbox has no functions. */
  async #put(put: () => Promise<unknown>): Promise<void> {
    await tolerate(put, 'not_configured')
  }

  /** Participants have seen the prices; the given share of each variant orders. */
  async #expose({ experiment, visitors, shares, orderedAt }: StepOf<'expose'>): Promise<void> {
    const id = this.#idOf(experiment)
    const parts = await Promise.all(
      visitors.map(async (userId) => ({ userId, ...(await this.#client.flags.assign(id, { userId })) })),
    )
    const timestamp = this.#names.timeOf(orderedAt)
    const orders = parts.filter(({ variant }) => variant !== null && this.#orders(variant, shares[variant] ?? 0))
    const events = orders.map(
      ({ userId }) => ({ name: 'Order', userId, timestamp, source: 'Browser', path: '/order' }) as const,
    )
    if (events.length > 0) await this.#client.Event.createMany(events)
  }

  #orders(variant: string, share: number): boolean {
    const before = this.#exposed.get(variant) ?? 0
    this.#exposed.set(variant, before + 1)
    return Math.floor((before + 1) * share) > Math.floor(before * share)
  }
}

/** A key decides nothing: what waits then waits for a person. */
function decide(decision: () => Promise<unknown>): Promise<void> {
  return tolerate(decision, 'forbidden')
}

async function tolerate(work: () => Promise<unknown>, code: HeadlesslyError['code']): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof HeadlesslyError) || error.code !== code) throw error
  }
}
