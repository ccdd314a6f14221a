// Tells a process that does nothing from one that cannot: it waits for a processor or for a disk. Only Linux says so; elsewhere
// no process counts as held up.

import { busyMsOf, isOnDisk, waitedMsOf } from './process-figures.ts'

/** Figures of a process, since its start. */
export interface ProcessFigures {
  /** Time that it has had a processor. */
  readonly busyMs: number | undefined
  /** Time that it has waited for one. */
  readonly waitedMs: number | undefined
  /** Whether it waits for a disk at the moment. */
  readonly isOnDisk: boolean
}

export interface Look {
  /** The time since the look before, and how much of it the process has used. */
  readonly elapsedMs: number
  readonly usedMs: number
  /** Whether the process was kept from working for most of that time. */
  readonly isHeldUp: boolean
}

export type Looks = (pid: number) => () => Look

export function figuresOf(pid: number): ProcessFigures {
  return { busyMs: busyMsOf(pid), waitedMs: waitedMsOf(pid), isOnDisk: isOnDisk(pid) }
}

/** Returns a function that compares a process with how it was at the call before. */
export function looksWith({
  figures,
  now,
}: {
  readonly figures: (pid: number) => ProcessFigures
  readonly now: () => number
}): Looks {
  return (pid) => {
    let [before, beforeMs] = [figures(pid), now()]
    return () => {
      const [after, nowMs] = [figures(pid), now()]
      const elapsedMs = nowMs - beforeMs
      const usedMs = differenceOf(before.busyMs, after.busyMs)
      const waitedMs = differenceOf(before.waitedMs, after.waitedMs)
      ;[before, beforeMs] = [after, nowMs]
      return { elapsedMs, usedMs, isHeldUp: after.isOnDisk || waitedMs > elapsedMs / 2 }
    }
  }
}

function differenceOf(before: number | undefined, after: number | undefined): number {
  return before === undefined || after === undefined ? 0 : after - before
}
