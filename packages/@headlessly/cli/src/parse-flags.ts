// Parses the words of a command line by a command's flags: returns typed values and positional words, or throws a
// UsageError.

import { parseArgs } from 'node:util'
import { Expected, type Flag } from './flag.ts'
import { suggestion, UsageError } from './usage-error.ts'

export interface ParsedFlags {
  readonly positionals: readonly string[]
  readonly flags: FlagValues
}

/** Flag values by name. Flags that were not given are absent. */
export class FlagValues {
  readonly #values: ReadonlyMap<string, unknown>

  constructor(values: ReadonlyMap<string, unknown>) {
    this.#values = values
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  isOn(name: string): boolean {
    return this.#values.get(name) === true
  }

  value(name: string): unknown {
    return this.#values.get(name)
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name)
    return typeof value === 'string' ? value : undefined
  }

  number(name: string): number | undefined {
    const value = this.#values.get(name)
    return typeof value === 'number' ? value : undefined
  }

  object(name: string): object | undefined {
    const value = this.#values.get(name)
    return typeof value === 'object' && value !== null ? value : undefined
  }

  /** Returns the values of a `list` flag. */
  list(name: string): readonly string[] {
    const value = this.#values.get(name)
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
  }
}

/** `command` names the help that an error refers to. Throws a UsageError. */
export function parseFlags(words: readonly string[], flags: readonly Flag[], command: string): ParsedFlags {
  // Earlier flags win: a command's own flag hides a field's flag of the same name.
  const byName = new Map(flags.toReversed().map((flag) => [flag.name, flag]))
  const { tokens } = parseArgs({
    args: [...words],
    allowPositionals: true,
    // Strict mode would refuse `--sort -leadScore`, and does not suggest similar names.
    strict: false,
    tokens: true,
    options: parseArgsOptions(flags),
  })
  const values = new Map<string, unknown>()
  const positionals: string[] = []
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]
    if (token?.kind === 'positional') positionals.push(token.value)
    if (token?.kind !== 'option') continue
    const negated = token.rawName.startsWith('--no-') ? byName.get(camelCase(token.name.slice(3))) : undefined
    const flag =
      byName.get(token.name) ?? byName.get(camelCase(token.name)) ?? (isBoolean(negated) ? negated : undefined)
    if (flag === undefined) throw unknownFlag(token.rawName, [...byName.keys()], command)
    let text = token.value
    if (isBoolean(flag)) {
      const next = tokens[at + 1]
      if (flag === negated && text === undefined) text = 'false'
      else if (text === undefined && next?.kind === 'positional' && /^(?:true|false)$/.test(next.value)) {
        text = next.value
        at++
      } else text ??= 'true'
    }
    // The next word looks like a flag, so the value is probably missing.
    if (text !== undefined && token.inlineValue === false && /^--./.test(text))
      throw new UsageError(
        `--${flag.name} expects a value; write --${flag.name}=${text} if the value begins with --`,
        command,
      )
    setValue(values, { flag, text, command })
  }
  for (const { name, required } of byName.values())
    if (required === true && !values.has(name)) throw new UsageError(`--${name} is required`, command)
  return { positionals, flags: new FlagValues(values) }
}

function parseArgsOptions(flags: readonly Flag[]): Record<string, { type: 'string' | 'boolean'; short?: string }> {
  const options = flags.flatMap((flag) =>
    [flag.name, kebabCase(flag.name)].map((name) => {
      const type = flag.kind === 'switch' || isBoolean(flag) ? ('boolean' as const) : ('string' as const)
      return [name, flag.name === 'help' ? { type, short: 'h' } : { type }] as const
    }),
  )
  return Object.fromEntries(options.toReversed())
}

function setValue(
  values: Map<string, unknown>,
  given: { readonly flag: Flag; readonly text: string | undefined; readonly command: string },
): void {
  const { flag, text, command } = given
  if (flag.kind === 'switch') {
    if (text !== undefined) throw new UsageError(`--${flag.name} takes no value, got '${text}'`, command)
    return void values.set(flag.name, true)
  }
  if (text === undefined) throw new UsageError(`--${flag.name} expects a value`, command)
  if (flag.kind === 'list') {
    const earlier = values.get(flag.name)
    return void values.set(flag.name, [...(Array.isArray(earlier) ? earlier : []), text])
  }
  if (values.has(flag.name)) throw new UsageError(`--${flag.name} is given twice`, command)
  try {
    values.set(flag.name, flag.parse === undefined ? text : flag.parse(text))
  } catch (error) {
    if (!(error instanceof Expected)) throw error
    const near = flag.values === undefined ? '' : suggestion(text, flag.values)
    const got = error.message.includes(', got ') ? '' : `, got '${text.slice(0, 80)}'`
    throw new UsageError(`--${flag.name} expects ${error.message}${got}${near}`, command)
  }
}

function unknownFlag(rawName: string, names: readonly string[], command: string): UsageError {
  const name = rawName.replace(/^--?/, '')
  return new UsageError(`unknown flag ${rawName}${suggestion(name, names, (near) => `--${near}`)}`, command)
}

function isBoolean(flag: Flag | undefined): boolean {
  return flag?.field?.kind === 'data' && flag.field.type === 'boolean'
}

function camelCase(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function kebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
