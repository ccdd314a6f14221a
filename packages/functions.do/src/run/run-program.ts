// Runs code as a program: its writes become one commit once it has ended well, or nothing. If other commits change what it
// has read, it runs again from its start, a few times.

import type { ProgramEnd, ProgramKey, ServiceAnswer, ServiceProgram, ServiceRequest } from '@dotdo/service'
import type { Returned, Sandbox, SandboxJob, SandboxOutcome } from '../sandbox/sandbox.ts'
import type { RetryTurns } from './retry-turns.ts'
import { runFailure } from './run-failure.ts'
import { TenantCalls } from './tenant-calls.ts'

export interface RunParts {
  readonly sandbox: Sandbox
  readonly turns: RetryTurns
}

export interface ProgramRun {
  readonly job: SandboxJob
  readonly request: Pick<ServiceRequest, 'openProgram' | 'describeError'>
  readonly isDryRun: boolean
  readonly key: ProgramKey
}

/** Attempts to run code that others are in conflict with. */
const attemptsMax = 5

type Attempt =
  | { readonly kind: 'answered'; readonly answer: ServiceAnswer }
  | { readonly kind: 'again'; readonly answer: ServiceAnswer }

export async function runProgram(parts: RunParts, run: ProgramRun): Promise<ServiceAnswer> {
  const first = await attempt(parts, run)
  if (first.kind === 'answered') return { ...first.answer, attempts: 1 }
  return parts.turns.run(run.job.tenant, async () => {
    for (let attempts = 2; ; attempts++) {
      const { kind, answer } = await attempt(parts, run)
      if (kind === 'answered' || attempts === attemptsMax) return { ...answer, attempts }
    }
  })
}

async function attempt({ sandbox }: RunParts, run: ProgramRun): Promise<Attempt> {
  const { request } = run
  // A run that the sandbox cuts off starts again, in a program of its own.
  const programs: ServiceProgram[] = []
  const ends = new WeakMap<ServiceProgram, ProgramEnd>()
  const openCalls = (): TenantCalls => {
    const program = request.openProgram()
    programs.push(program)
    const ending = program.ended.then((end) => {
      ends.set(program, end)
      return end.error
    })
    return new TenantCalls({ answerMessage: program.answerMessage, keyBase: undefined, isRepeatable: true, ending })
  }
  let isCommitted = false
  try {
    const outcome = await sandbox.run(run.job, openCalls)
    const program = programs.at(-1)
    const ended = program === undefined ? undefined : ends.get(program)
    if (ended === undefined && outcome.ok && program !== undefined) {
      const done = await finish(program, outcome, run)
      isCommitted = done.kind === 'answered'
      return done
    }
    return failed(outcome, ended, run)
  } finally {
    for (const program of programs) if (!isCommitted || program !== programs.at(-1)) program.close()
  }
}

/** Commits, or says what a commit would do. */
async function finish(program: ServiceProgram, outcome: Returned, run: ProgramRun): Promise<Attempt> {
  const { body, logs } = outcome
  const rest = `${body.slice(1, -1)},"logs":${JSON.stringify(logs)}}`
  if (run.isDryRun) {
    const rehearsed = await program.rehearse(`{${rest}`)
    if (rehearsed.kind === 'ended') return failed(outcome, rehearsed.end, run)
    const tried = rehearsed.result.body.slice(1, -1)
    return { kind: 'answered', answer: { ok: true, body: `{"dryRun":true,${tried},"refusals":[],${rest}` } }
  }
  const committed = await program.commit(run.key, `{${rest}`)
  if (committed.kind === 'ended') return failed(outcome, committed.end, run)
  const { answer, bookmark = outcome.bookmark, ...made } = committed.result
  const seen = bookmark === undefined ? {} : { bookmark }
  return { kind: 'answered', answer: { ok: true, body: answer, ...seen, ...made } }
}

function failed(outcome: SandboxOutcome, end: ProgramEnd | undefined, run: ProgramRun): Attempt {
  const { logs } = outcome
  const seen = outcome.bookmark === undefined ? {} : { bookmark: outcome.bookmark }
  const failure =
    end !== undefined
      ? runFailure({ ok: false, logs, error: end.error }, '')
      : runFailure(outcome.ok ? { ok: false, logs, error: noProgram } : outcome, 'nothing was written')
  const kind = end?.mayRunAgain === true ? 'again' : 'answered'
  return { kind, answer: run.isDryRun ? refused(failure, run) : { ...failure, ...seen } }
}

const noProgram = { code: 'internal_error', message: 'the sandbox has run no code' } as const

/** A dry run of code that fails. */
function refused({ error }: Extract<ServiceAnswer, { ok: false }>, { request }: ProgramRun): ServiceAnswer {
  const problem = request.describeError(error)
  const refusals = [{ status: problem.status, problem }]
  const { logs = [] } = { ...error.detail }
  return { ok: true, body: JSON.stringify({ dryRun: true, events: [], refusals, result: null, plan: null, logs }) }
}
