// What a benchmark found: one line a target, each a ratio within the run.

import { cpus, release, totalmem } from 'node:os'

export interface Finding {
  readonly what: string
  readonly target: string
  readonly measured: string
  /** Undefined for a line that stands beside a target. */
  readonly isMet?: boolean
}

/** Sharing the machine with other work moves ratios by some hundredths: a target is judged as it is stated. */
export function atLeast(what: string, target: number, ratio: number, detail: string): Finding {
  return { what, target: `at least ${target}x`, measured: `${ratio.toFixed(2)}x (${detail})`, isMet: ratio >= target }
}

export function atMost(what: string, target: number, ratio: number, detail: string): Finding {
  return { what, target: `at most ${target}x`, measured: `${ratio.toFixed(2)}x (${detail})`, isMet: ratio <= target }
}

export function formatReport(findings: readonly Finding[], at: Date): string {
  const [cpu] = cpus()
  const machine = `${cpus().length} x ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.versions.node}`
  const rows = findings.map(
    ({ what, target, measured, isMet }) =>
      `| ${what} | ${target} | ${measured} | ${isMet === undefined ? '' : isMet ? 'met' : 'MISSED'} |`,
  )
  return [`${at.toISOString()}, ${machine}`, '', '| what | target | measured | |', '|---|---|---|---|', ...rows].join(
    '\n',
  )
}
