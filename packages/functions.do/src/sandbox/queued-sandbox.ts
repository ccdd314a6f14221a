// A sandbox whose runs wait for each other, where the platform bounds what each of them may use.

import { RunQueue } from './run-queue.ts'
import type { RunCalls, Sandbox, SandboxJob, SandboxOutcome } from './sandbox.ts'

/** An isolate takes several megabytes. */
const concurrentRunsMax = 16

export class QueuedSandbox implements Sandbox {
  readonly #sandbox: Sandbox
  readonly #queue = new RunQueue({ processes: 1, runsPerProcess: concurrentRunsMax })

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox
  }

  async run(job: SandboxJob, openCalls: () => RunCalls): Promise<SandboxOutcome> {
    const place = await this.#queue.enter({ tenant: job.tenant, isAlone: false })
    try {
      return await this.#sandbox.run(job, openCalls)
    } finally {
      place.leave({ hasReported: true })
    }
  }
}
