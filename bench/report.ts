// The findings of a benchmark, one line per target, each a ratio within the run, and the document that stores them.

import { cpus, release, totalmem } from 'node:os'

export interface Finding {
  readonly what: string
  readonly target: string
  readonly measured: string
  /** Undefined for a line without a target of its own. */
  readonly isMet?: boolean
}

/** Other load on the machine moves ratios by a few hundredths. Targets are nevertheless judged as stated. */
export function atLeast(what: string, target: number, ratio: number, detail: string): Finding {
  return { what, target: `at least ${target}x`, measured: `${ratio.toFixed(2)}x (${detail})`, isMet: ratio >= target }
}

export function atMost(what: string, target: number, ratio: number, detail: string): Finding {
  return { what, target: `at most ${target}x`, measured: `${ratio.toFixed(2)}x (${detail})`, isMet: ratio <= target }
}

/** Lines that were measured together, stored under one name. */
export interface Section {
  readonly name: string
  readonly title: string
  readonly findings: readonly Finding[]
}

export function formatSection({ name, title, findings }: Section, at: Date): string {
  const [cpu] = cpus()
  const machine = `${cpus().length} x ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.versions.node}`
  const rows = findings.map(
    ({ what, target, measured, isMet }) =>
      `| ${what} | ${target} | ${measured} | ${isMet === undefined ? '' : isMet ? 'met' : 'MISSED'} |`,
  )
  return [
    markOf(name),
    '',
    `## ${title}`,
    '',
    `${at.toISOString()}, ${machine}`,
    '',
    '| what | target | measured | |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n')
}

/** Replaces the section of that name in the document, or appends it. All other sections stay unchanged. */
export function replaceSection(document: string, name: string, text: string): string {
  const start = document.indexOf(markOf(name))
  if (start < 0) return `${document.trimEnd()}\n\n${text}\n`
  const next = document.indexOf('<!-- measured: ', start + 1)
  const after = next < 0 ? '' : `\n${document.slice(next)}`
  return `${document.slice(0, start)}${text}\n${after}`
}

function markOf(name: string): string {
  return `<!-- measured: ${name} -->`
}
