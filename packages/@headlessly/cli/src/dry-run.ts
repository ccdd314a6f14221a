// `--dry-run` of a write: the events that would happen, in words, or why it would be refused.

import type { DryRun } from '@headlessly/sdk'
import { isObject, type ObjectEvent } from 'digital-objects'
import type { Row } from './row.ts'
import type { CommandCall } from './command.ts'
import type { Flag } from './flag.ts'
import { formatValue } from './format-value.ts'
import type { Output } from './output.ts'

export const dryRunFlag: Flag = {
  name: 'dry-run',
  kind: 'switch',
  about: 'print what would happen, and change nothing',
}

/** Characters of a value; the rest is cut. */
const valueCharactersMax = 60
/** Events printed; the others are counted. */
const printedMax = 100

/** The option of the client. */
export function dryRunOf(flags: CommandCall['flags']): { readonly dryRun?: true } {
  return flags.isOn('dry-run') ? { dryRun: true } : {}
}

/** Prints what a write has returned, or what its dry run shows. Returns the exit code. */
export function printWritten(
  { flags, output }: Pick<CommandCall, 'flags' | 'output'>,
  result: unknown,
  print: (result: Row) => void,
): number {
  if (flags.isOn('dry-run')) return printDryRun(output, result as DryRun<unknown>) // as requested
  print(isObject(result) ? result : {})
  return 0
}

function printDryRun(output: Output, tried: DryRun<unknown>): number {
  const { events, refusals, plan } = tried
  const code = refusals.length > 0 ? 1 : 0
  if (output.isJson) {
    output.json(tried)
    return code
  }
  for (const { problem, id } of refusals)
    output.problem({ code: problem.code, message: id === undefined ? problem.detail : `${id}: ${problem.detail}` })
  for (const event of events.slice(0, printedMax)) output.line(describeEvent(event))
  if (events.length > printedMax) output.line(`and ${events.length - printedMax} more`)
  if (code > 0) output.note('it would be refused; nothing was changed')
  else output.note(`${events.length === 1 ? '1 event' : `${events.length} events`} would happen; nothing was changed`)
  if (code === 0 && plan !== null) output.note(`to do it: headlessly execute ${plan}`)
  return code
}

/** `Contact.Updated contact_0123456789AB: title from CTO to CEO` */
export function describeEvent({ type, target, version, changes }: ObjectEvent): string {
  const isCreation = version === 1
  const parts = Object.entries(changes).map(([field, { from, to }]) =>
    isCreation ? `${field} ${valueText(to)}` : `${field} from ${valueText(from)} to ${valueText(to)}`,
  )
  const isDeletion = type.endsWith('.Deleted')
  return `${type} ${target}${parts.length === 0 || isDeletion ? '' : `: ${parts.join(', ')}`}`
}

function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  const text = formatValue(value)
  return text.length > valueCharactersMax ? `${[...text].slice(0, valueCharactersMax).join('')}…` : text
}
