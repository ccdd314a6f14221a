// A table of limits, whose numbers are read from the source files that apply them.

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { markdownTable } from './markdown-table.ts'

type Unit = 'bytes' | 'characters' | 'ms' | 's' | ''

export interface Limit {
  readonly of: string
  /** The file below the repository, and the constant in it. */
  readonly from: readonly [file: string, constant: string]
  readonly unit: Unit
  /** The server's answer beyond it. */
  readonly beyond: string
}

export function limit(of: string, from: Limit['from'], unit: Unit, beyond: string): Limit {
  return { of, from, unit, beyond }
}

export function limitTable(limits: readonly Limit[]): string {
  const rows = limits.map(({ of, from, unit, beyond }) => [of, formatAmount(readConstant(from), unit), beyond])
  return markdownTable(['limit of', 'is', 'beyond it'], rows)
}

const root = resolve(import.meta.dirname, '../..')

/** Reads a constant that is a product of numbers and powers: `4 * 2 ** 20`. */
function readConstant([file, name]: Limit['from']): number {
  const [, expression = ''] =
    new RegExp(`^(?:export )?const ${name} = (.*?)(?: //.*)?$`, 'm').exec(readFileSync(resolve(root, file), 'utf8')) ??
    []
  const factors = expression.split(/(?<!\*)\*(?!\*)/).map((factor) => {
    const [base = Number.NaN, exponent = 1, ...others] = factor.split('**').map((text) => parseNumber(text))
    return others.length === 0 ? base ** exponent : Number.NaN
  })
  const value = factors.reduce((product, factor) => product * factor, 1)
  if (Number.isFinite(value)) return value
  throw new Error(`${file} has no constant '${name}' that is a product of numbers`)
}

function parseNumber(text: string): number {
  return /^[\d_]+$/.test(text.trim()) ? Number(text.trim().replaceAll('_', '')) : Number.NaN
}

function formatAmount(amount: number, unit: Unit): string {
  const number = (value: number): string => new Intl.NumberFormat('en-US').format(value)
  switch (unit) {
    case 'bytes':
      return amount % 2 ** 20 === 0 ? `${number(amount / 2 ** 20)} MiB` : `${number(amount / 2 ** 10)} KiB`
    case 'ms':
      return amount % 1_000 === 0 ? `${number(amount / 1_000)} s` : `${number(amount)} ms`
    case 's':
      return amount % 86_400 === 0 ? `${number(amount / 86_400)} days` : `${number(amount)} s`
    case 'characters':
      return `${number(amount)} characters`
    default:
      return number(amount)
  }
}
