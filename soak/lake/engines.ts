// The engines of others that read a lake, each in a process of its own: those of read.py and ClickHouse.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { findEngine } from '../../checks/engines.ts'

/** `folder` is that of the server, `copy` a copy that was relocated. */
export type Source = 'catalog' | 'folder' | 'copy'

export interface Request {
  readonly do: 'count' | 'rows' | 'files'
  readonly source: Source
  readonly table: string
  /** The folder of the table, except for `catalog`. */
  readonly path?: string
  /** For `files`, as PyIceberg takes it. */
  readonly filter?: string
}

/** DuckDB and ClickHouse read the server's folder, whose paths the others cannot follow. */
export const sourcesOf: Readonly<Record<string, readonly Source[]>> = {
  pyiceberg: ['catalog', 'copy'],
  pandas: ['catalog', 'copy'],
  polars: ['catalog', 'copy'],
  spark: ['catalog', 'copy'],
  duckdb: ['catalog', 'folder', 'copy'],
  clickhouse: ['catalog', 'folder', 'copy'],
}

export type Answer = Readonly<Record<string, unknown>>

/** Answers one request at a time. */
export class Engine {
  readonly name: string
  readonly #program: ChildProcessWithoutNullStreams
  readonly #lines: AsyncIterator<string>
  #printed = ''

  constructor(name: string, command: string, parameters: readonly string[]) {
    this.name = name
    this.#program = spawn(command, parameters)
    this.#program.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#printed = (this.#printed + text).slice(-2_000)
    })
    this.#lines = createInterface({ input: this.#program.stdout })[Symbol.asyncIterator]()
  }

  get sources(): readonly Source[] {
    return sourcesOf[this.name] ?? []
  }

  /** Returns why it is not installed; undefined once it is ready. */
  async fault(): Promise<string | undefined> {
    // Spark prints other lines before.
    for (let next = await this.#lines.next(); next.done !== true; next = await this.#lines.next())
      if (next.value.startsWith('{"ready"')) return undefined
    return this.#printed.trimEnd().split('\n').at(-1) ?? ''
  }

  async ask(request: Request): Promise<Answer> {
    this.#program.stdin.write(`${JSON.stringify(request)}\n`)
    const { value, done } = await this.#lines.next()
    return done === true ? { error: `the engine has ended: ${this.#printed}` } : (JSON.parse(value) as Answer) // read.py writes it
  }

  stop(): void {
    this.#program.kill('SIGKILL')
  }
}

export interface EngineOptions {
  /** A Python with some of the engines. */
  readonly python: string | undefined
  /** A file with the answer of `/lake`. */
  readonly pageFile: string
  /** A folder above all that is read. */
  readonly root: string
  readonly names?: readonly string[]
  readonly log: (line: string) => void
}

/** Starts the engines that are installed, and says which are not. */
export async function startEngines(options: EngineOptions): Promise<readonly Engine[]> {
  const { python, pageFile, root, log, names = Object.keys(sourcesOf) } = options
  const all = names.flatMap((name) => {
    if (name === 'clickhouse') {
      const parameters = [join(import.meta.dirname, 'read.cjs'), name, pageFile, root, findEngine('chdb') ?? '']
      return [new Engine(name, process.execPath, parameters)]
    }
    return python === undefined
      ? []
      : [new Engine(name, python, [join(import.meta.dirname, 'read.py'), name, pageFile])]
  })
  const faults = await Promise.all(all.map((engine) => engine.fault()))
  for (const [at, fault] of faults.entries()) if (fault !== undefined) log(`${all[at]?.name} is not there: ${fault}`)
  return all.filter((_, at) => faults[at] === undefined)
}
