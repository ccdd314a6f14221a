// Answers a command of a service, which a route of the service sends for its caller.

import type { ReadRun, TenantStore } from '@dotdo/do'
import type { ServiceCommands } from '@dotdo/service'
import { type Authority, type Call, compileAuthority, type JsonValue, ObjectError } from 'digital-objects'
import { isMisledAgent } from './answers/note-texts-read.ts'
import type { Answer, CommandOutcome, SentCommand } from './answers/answer.ts'
import type { Caller } from './answers/caller.ts'
import { matchingIds } from './calls/matching-ids.ts'

/** By `service/command`. */
export type Commands = ReadonlyMap<string, ServiceCommands[string]>

interface Serving {
  readonly store: TenantStore
  readonly commands: Commands
  /** What the caller may do now, or why it may not come. */
  readonly authority: Authority | ObjectError
  readonly answer: (call: Call, caller: Caller) => Promise<Answer>
  /** Runs a read in the tenant's turn, and repeats it after the work that it needs. */
  readonly read: <Result>(caller: Caller, read: (run: ReadRun) => Result) => Promise<Result>
}

/** Returns a CommandOutcome as JSON. */
export async function serveCommand(sent: SentCommand, serving: Serving): Promise<string> {
  try {
    return JSON.stringify({ ok: true, output: await perform(sent, serving) } satisfies CommandOutcome)
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    return JSON.stringify({ ok: false, error: error.toData() } satisfies CommandOutcome)
  }
}

async function perform(
  { caller: sent, isStranger, command, input }: SentCommand,
  { store, commands, authority, answer, read }: Serving,
): Promise<JsonValue> {
  if (authority instanceof ObjectError) throw authority
  store.refuseIfErasing()
  if (!store.isReady) await store.loss.requireDatabase(sent.tenant)
  const run = commands.get(command)
  // While a new version is rolled out, the Worker may have routes that an object of before does not know.
  if (run === undefined) {
    const message = `the tenant does not know '${command}' yet: it runs another version of the server; try again`
    throw new ObjectError({ code: 'overloaded', message })
  }
  const caller: Caller = { ...sent, authority }
  const { who, through } = authority
  return run(JSON.parse(input) as JsonValue, {
    who,
    isStranger,
    isMisled: isMisledAgent(store, caller),
    ...(through?.id.startsWith('apikey_') === true ? { key: through.id } : {}),
    ...(through?.level === undefined ? {} : { level: through.level }),
    searchesAllFields: (noun) => {
      const { visibility } = compileAuthority(authority, store.catalog.current.lookup)
      return visibility.lookup(noun) !== undefined && visibility.searchesAllFields(noun)
    },
    matchingIds: (among) => read(caller, (run) => matchingIds({ store, run }, caller, among)),
    answer: (call) => answer(call, caller),
  })
}
