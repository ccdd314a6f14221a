// One process that runs the code of `do`. It is started by the first run, and ends when it freezes, takes too much
// memory, or has been idle for a while. Nothing restarts it but the next run, so it cannot crash in a loop.

import { rmSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { HealthProbe } from './health-probe.ts'
import { busyMsOf, residentBytesOf } from './process-figures.ts'
import type { WorkerdProcess } from './workerd-process.ts'

/** `froze`: it kept its thread for too long. `stopped`: the launcher ended it, without a fault of the code. */
export type SandboxEnd = 'froze' | 'memory' | 'stopped' | 'died'

export interface SandboxProcessOptions {
  readonly socketFile: string
  /** Starts workerd on that socket. `generation` tells its processes apart. */
  readonly start: (generation: string) => Promise<SandboxRun>
  /** Receives a line for each process that ends by itself or is killed. */
  readonly warn: (line: string) => void
}

export interface SandboxRun extends WorkerdProcess {
  /** Whether its last words were about memory. */
  ranOutOfMemory(): boolean
}

interface Running {
  readonly generation: string
  readonly workerd: SandboxRun
  readonly ended: Promise<SandboxEnd>
}

const probeIntervalMs = 100
/** Processor time without an answer, after which a process counts as frozen. */
const frozenMs = 1_000
/** The longest silence of a process that gets hardly any processor time, which says nothing about its code. */
const silenceMsMax = 10_000
/** What V8's heap does not count, such as array buffers, is counted here. An empty process takes 50 MB. */
const residentBytesMax = 512 * 2 ** 20
const idleMs = 30_000
/** Ends that a late question may still ask for. */
const endsKept = 100
const endWaitMs = 3_000

export class SandboxProcess {
  readonly #options: SandboxProcessOptions
  readonly #ends = new Map<string, Promise<SandboxEnd>>()
  #generations = 0
  #running: Running | undefined
  #starting: Promise<void> | undefined

  constructor(options: SandboxProcessOptions) {
    this.#options = options
  }

  /** The process id; undefined if it is not running. */
  get pid(): number | undefined {
    return this.#running?.workerd.pid
  }

  /** Resolves once it listens. Rejects if workerd does not start. */
  async start(): Promise<void> {
    if (this.#running !== undefined) return
    this.#starting ??= this.#start().finally(() => (this.#starting = undefined))
    await this.#starting
  }

  /** Resolves to the reason, at the latest after some seconds: a connection may also be lost without an end. */
  async endOf(generation: string): Promise<SandboxEnd> {
    const end = this.#ends.get(generation)
    if (end === undefined) return 'died'
    return Promise.race([end, pause(endWaitMs, 'died' as const, { ref: false })])
  }

  /** Ends it; the next run starts another one. */
  async stop(): Promise<void> {
    await this.#starting?.catch(() => {})
    const running = this.#running
    if (running === undefined) return
    this.#running = undefined
    await running.workerd.stop()
  }

  async #start(): Promise<void> {
    const generation = String(++this.#generations)
    // Left behind by the process before.
    rmSync(this.#options.socketFile, { force: true })
    const workerd = await this.#options.start(generation)
    const ended = this.#watch(workerd)
    this.#running = { generation, workerd, ended }
    this.#ends.set(generation, ended)
    for (const oldest of this.#ends.keys()) {
      if (this.#ends.size <= endsKept) break
      this.#ends.delete(oldest)
    }
  }

  async #watch(workerd: SandboxRun): Promise<SandboxEnd> {
    const probe = new HealthProbe(this.#options.socketFile)
    const fault = await Promise.race([workerd.ended, this.#faultOf(workerd, probe)])
    probe.close()
    const wasStopped = this.#running?.workerd !== workerd
    if (!wasStopped) this.#running = undefined
    if (fault === 'idle') await workerd.stop()
    else if (fault !== undefined) workerd.kill()
    await workerd.ended
    if (wasStopped || fault === 'idle') return 'stopped'
    const deed = fault ?? (workerd.ranOutOfMemory() ? 'memory' : 'died')
    this.#options.warn(`a process that runs code ${deeds[deed]}; it was ended, and the server goes on`)
    return deed === 'starved' ? 'stopped' : deed
  }

  /** Resolves to a reason to end the process, or to undefined once it has ended. */
  async #faultOf(
    workerd: SandboxRun,
    probe: HealthProbe,
  ): Promise<'froze' | 'memory' | 'starved' | 'idle' | undefined> {
    let silentMs = 0
    let [answeredAtMs, idleSinceMs] = [performance.now(), performance.now()]
    let started = 0
    for (let atMs = performance.now(), busyMs = busyMsOf(workerd.pid); ;) {
      await pause(probeIntervalMs, undefined, { ref: false })
      if (this.#running?.workerd !== workerd) return undefined
      const [nowMs, nowBusyMs] = [performance.now(), busyMsOf(workerd.pid)]
      // A launcher or a process that gets no processor time has nothing to say about the code.
      const usedMs = nowBusyMs === undefined || busyMs === undefined ? nowMs - atMs : nowBusyMs - busyMs
      ;[atMs, busyMs] = [nowMs, nowBusyMs]
      if (residentBytesOf(workerd.pid) > residentBytesMax) return 'memory'
      const answer = probe.take()
      if (answer === undefined) {
        silentMs += Math.min(usedMs, 2 * probeIntervalMs)
        if (silentMs >= frozenMs) return 'froze'
        if (nowMs - answeredAtMs >= silenceMsMax) return 'starved'
        continue
      }
      silentMs = 0
      answeredAtMs = nowMs
      if (answer.inProgress > 0 || answer.started !== started) idleSinceMs = nowMs
      started = answer.started
      if (nowMs - idleSinceMs > idleMs) return 'idle'
    }
  }
}

const deeds = {
  froze: `did not answer for ${frozenMs / 1_000} s`,
  starved: `did not answer for ${silenceMsMax / 1_000} s, in which it had hardly any processor time`,
  memory: 'took too much memory',
  died: 'ended by itself',
} as const
