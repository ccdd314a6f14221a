// Advances a run, round by round: perform what the model has asked for, ask the model again, store both. A round is stored in one
// commit together with its cost, so a crash repeats a round at most once, and its writes never.

import type { Acting, ObjectParts, ServiceAnswer } from '@dotdo/service'
import { isPlainObject, type JsonValue, type ModelSettings, ObjectError } from 'digital-objects'
import { type ModelAccess, modelOf } from '../model/model-of.ts'
import { type AssistantMessage, type ChatMessage, type Completion, ModelRefused } from '../model/model.ts'
import { agentTools, argumentsOf, chooseTool, type Json } from './agent-tools.ts'
import { measureAgent } from './measure-agent.ts'
import { instructionsOf, taskOf } from './prompt.ts'
import { decisionsOf, pendingUntilMs } from './proposal-decisions.ts'
import { countOf, readDueRun, readWaitingRun, type Run } from './read-run.ts'
import { runTools } from './run-tools.ts'
import { shortened } from './tool-result.ts'

export interface AdvanceParts {
  readonly parts: ObjectParts
  readonly access: ModelAccess
  /** The server's clock. */
  readonly now: () => number
}

const roundsMax = 16
/** A round of tools can add less than the rest of an event's size. */
const messagesCharactersMax = 300_000
const attemptsMax = 6
const retryFirstMs = 2_000
const retryMsMax = 600_000
const errorCharactersMax = 1_000

/** The run has ended, for a reason that its agent's people can read. */
class RunFailed extends Error {}
/** Another writer has changed the run. */
class Superseded extends Error {}

/** Makes rounds until the run waits or has ended. Throws for faults of this server, after which the run is tried again. */
export async function advanceRun(of: AdvanceParts, id: string): Promise<void> {
  try {
    await resume(of, id)
    await makeRounds(of, id)
  } catch (error) {
    if (!(error instanceof Superseded)) throw error
  }
}

/** Lets a run go on whose proposals are decided. One of which nothing was approved has nothing to go on with. */
async function resume(of: AdvanceParts, id: string): Promise<void> {
  const run = readWaitingRun(of.parts, id)
  const decisions = run && decisionsOf(of.parts, run.proposals)
  if (run === undefined || decisions === undefined) return
  const { proposals, message, summary, hasApproved } = decisions
  if (!hasApproved) return store(of, run, { verb: 'fail', proposals, ...failed(new Error(summary)) })
  const dueAt = new Date(of.now()).toISOString()
  await store(of, run, { verb: 'resume', proposals, messages: [...run.messages, message], dueAt })
}

async function makeRounds(of: AdvanceParts, id: string): Promise<void> {
  for (;;) {
    const run = readDueRun(of.parts, id, of.now())
    if (run === undefined) return
    try {
      await makeRound(of, run)
    } catch (error) {
      if (error instanceof Superseded) throw error
      if (error instanceof RunFailed || error instanceof ObjectError)
        await store(of, run, { verb: 'fail', ...failed(error) })
      else return retryLater(of, run, error)
    }
  }
}

async function makeRound(of: AdvanceParts, run: Run): Promise<void> {
  const { parts } = of
  const agent = run.agent === undefined ? undefined : parts.read(run.agent)
  if (agent === undefined || run.agent === undefined) throw new RunFailed('the agent was deleted')
  if (agent['status'] !== 'Deployed') throw new RunFailed(`the agent is ${String(agent['status'])}`)
  const acting = parts.actAs(run.id)
  acting.requireBudget()
  const done = await performAsked(of, { run, agent, acting })
  const choice = choiceIn(run)
  if (choice !== undefined)
    return finish(of, run, { ...done, answer: choice, hasReadStrangers: acting.hasReadStrangers() })
  if (run.rounds >= roundsMax) throw new RunFailed(`the agent came to no end in ${roundsMax} answers`)
  const { completion, model, latencyMs, cost } = await ask(of, { run, agent, acting, messages: done.messages })
  const { message, inputTokens, outputTokens } = completion
  const messages = [...done.messages, message]
  const newTokens = inputTokens + outputTokens
  const rounds = run.rounds + 1
  const progress = {
    messages,
    proposals: done.proposals,
    model,
    rounds,
    tokens: countOf(run.fields['tokens']) + newTokens,
    cost: countOf(run.fields['cost']) + cost,
    latencyMs: Math.round((countOf(run.fields['latencyMs']) * run.rounds + latencyMs) / rounds),
    newTokens,
    newCost: cost,
    hasReadStrangers: acting.hasReadStrangers(),
    attempts: 0,
    error: null,
  }
  if (JSON.stringify(messages).length > messagesCharactersMax) {
    const { messages: _messages, ...counts } = progress
    return store(of, run, { verb: 'fail', ...counts, error: 'the conversation became too long' })
  }
  const isAnswer = message.tool_calls === undefined && optionsOf(run) === undefined
  if (isAnswer) await finish(of, run, { ...progress, answer: message.content })
  else await store(of, run, { verb: 'advance', ...progress })
}

/** The run has its answer; it ends once people have decided about all that it has proposed. */
async function finish(
  of: AdvanceParts,
  run: Run,
  fields: { readonly proposals: readonly JsonValue[]; readonly [field: string]: unknown },
): Promise<void> {
  if (decisionsOf(of.parts, fields.proposals)?.isEmpty === true) return store(of, run, { verb: 'succeed', ...fields })
  // Somebody may also have decided while the model wrote its answer.
  const untilMs = pendingUntilMs(of.parts, fields.proposals) ?? of.now()
  await store(of, run, { verb: 'wait', ...fields, dueAt: new Date(untilMs).toISOString() })
}

interface Round {
  readonly run: Run
  readonly agent: Json
  readonly acting: Acting
}

/** The conversation with the task, or with what the model has asked for in the round before. */
async function performAsked(
  { parts }: AdvanceParts,
  { run, agent, acting }: Round,
): Promise<{ readonly messages: readonly ChatMessage[]; readonly proposals: readonly JsonValue[] }> {
  const { proposals } = run
  const last = run.messages.at(-1)
  if (last === undefined) {
    const entity = await entityOf(parts, run, acting)
    return { messages: [...(await rememberedBy(run, agent, acting)), taskOf(run.fields, entity)], proposals }
  }
  // People have decided about the proposals.
  if (last.role === 'user') return { messages: run.messages, proposals }
  const calls = isAssistant(last) ? (last.tool_calls ?? []) : []
  if (calls.length === 0) {
    const reminder = 'Choose one of the options with the tool choose.'
    return { messages: [...run.messages, { role: 'user', content: reminder }], proposals }
  }
  const done = await runTools({ parts, acting, run, isManual: agent['mode'] === 'Manual' }, calls)
  return { messages: [...run.messages, ...done.messages], proposals: [...proposals, ...done.proposals] }
}

/** The entity of the event, as far as the agent may see it. */
async function entityOf(parts: ObjectParts, run: Run, acting: Acting): Promise<string | undefined> {
  const { verb, target } = run.fields
  if (verb !== undefined || typeof target !== 'string') return undefined
  const noun = String(run.fields['eventType']).split('.')[0] ?? ''
  if (parts.lookup(noun) === undefined) return undefined
  const answer = await acting.answer({ kind: 'read', read: 'get', noun, id: target, parameters: {} }, { via: 'job' })
  return answer.ok ? shortened(answer.body) : undefined
}

const memoryWindow = 10

/** The tasks and answers of earlier runs, for an agent with a persistent memory that may read its runs. */
async function rememberedBy({ agent: id = '' }: Run, agent: Json, acting: Acting): Promise<readonly ChatMessage[]> {
  if (agent['memory'] !== 'Persistent') return []
  const { memoryWindow: window = memoryWindow } = agent
  const limit = Math.min(50, Math.max(0, Math.floor(Number(window))))
  if (limit === 0) return []
  const parameters = { filter: JSON.stringify({ agent: id, status: 'Succeeded' }), limit: String(limit) }
  const answer = await acting.answer({ kind: 'read', read: 'find', noun: 'AgentRun', parameters }, { via: 'job' })
  if (!answer.ok) return []
  const { results } = JSON.parse(answer.body) as { readonly results: readonly Json[] } // the answer of our own read
  return results.toReversed().flatMap((earlier): readonly ChatMessage[] => {
    const content = typeof earlier['answer'] === 'string' ? shortened(earlier['answer']) : ''
    return [taskOf(earlier, undefined), { role: 'assistant', content }]
  })
}

async function ask(
  { parts, access, now }: AdvanceParts,
  { run, agent, acting, messages }: Round & { readonly messages: readonly ChatMessage[] },
): Promise<{
  readonly completion: Completion
  readonly model: string
  readonly latencyMs: number
  readonly cost: number
}> {
  const connected = await modelOf(access, parts)
  if (connected === undefined) throw new RunFailed('the tenant has no connection to a model')
  const { settings } = connected
  const model = typeof agent['model'] === 'string' ? agent['model'] : settings.model
  const { temperature, maxTokens } = agent
  const options = optionsOf(run)
  const startedMs = now()
  const completion = await connected.model.complete({
    model,
    messages: [instructionsOf(agent, parts.nowMs()), ...messages],
    tools: [...(acting.mayAct ? agentTools : []), ...(options === undefined ? [] : [chooseTool(options)])],
    ...(typeof temperature === 'number' ? { temperature } : {}),
    ...(typeof maxTokens === 'number' ? { tokensMax: Math.floor(maxTokens) } : {}),
  })
  return { completion, model, latencyMs: now() - startedMs, cost: costOf(completion, settings) }
}

function costOf({ inputTokens, outputTokens }: Completion, { inputPrice, outputPrice }: ModelSettings): number {
  return (inputTokens * inputPrice + outputTokens * outputPrice) / 1_000_000
}

/** The options of a run of `decide`. */
function optionsOf({ fields }: Run): readonly string[] | undefined {
  const { verb, input } = fields
  const options = verb === 'decide' && isPlainObject(input) ? input['options'] : undefined
  return Array.isArray(options)
    ? options.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))
    : undefined
}

/** The option that the model has chosen in its last answer. */
function choiceIn(run: Run): string | undefined {
  const last = run.messages.at(-1)
  const options = optionsOf(run) ?? []
  if (last === undefined || !isAssistant(last)) return undefined
  for (const called of last.tool_calls ?? []) {
    const chosen = called.function.name === 'choose' ? argumentsOf(called)?.['option'] : undefined
    if (typeof chosen === 'string' && options.includes(chosen)) return chosen
  }
  return undefined
}

function isAssistant(message: ChatMessage): message is AssistantMessage {
  return message.role === 'assistant'
}

/** Stores a change of the run. Throws Superseded if somebody else has changed it. */
async function store(
  { parts }: AdvanceParts,
  run: Run,
  {
    verb,
    ...fields
  }: { readonly verb: 'advance' | 'wait' | 'resume' | 'succeed' | 'fail'; readonly [field: string]: unknown },
): Promise<void> {
  const { id, version: ifVersion, cause } = run
  const call = { kind: 'write', noun: 'AgentRun', verb, id, body: JSON.stringify(fields), ifVersion } as const
  const by = { who: 'system', via: 'job', ...(cause === undefined ? {} : { causedBy: cause }) } as const
  const answer = await parts.answer(call, by)
  if (!answer.ok) throw refusalOf(answer)
  if ((verb === 'succeed' || verb === 'fail') && run.agent !== undefined) await measureAgent(parts, run.agent)
}

function refusalOf({ error }: Extract<ServiceAnswer, { ok: false }>): Error {
  const isChanged = ['version_conflict', 'not_found', 'invalid_transition'].includes(error.code)
  return isChanged ? new Superseded() : new Error(error.message)
}

function failed({ message }: Error): object {
  return { error: message.slice(0, errorCharactersMax) }
}

/** The model did not answer, or this server could not store it: the round is made again, later and later. */
async function retryLater(of: AdvanceParts, run: Run, error: unknown): Promise<void> {
  const message = error instanceof Error ? error.message : String(error)
  const isFinal = error instanceof ModelRefused && error.isPermanent
  const attempts = run.attempts + 1
  if (isFinal || attempts >= attemptsMax)
    return store(of, run, { verb: 'fail', attempts, ...failed(new Error(message)) })
  const asked = error instanceof ModelRefused ? (error.retryAfterMs ?? 0) : 0
  const waitMs = Math.min(retryMsMax, Math.max(asked, retryFirstMs * 4 ** (attempts - 1)))
  const dueAt = new Date(of.now() + waitMs).toISOString()
  await store(of, run, { verb: 'advance', attempts, dueAt, ...failed(new Error(message)) })
}
