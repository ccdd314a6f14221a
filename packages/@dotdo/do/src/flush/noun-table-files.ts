// The files of the Nouns' Iceberg tables: those that are written for a table alone, and how its manifests describe all of
// them. Each is registered before it is put and durable before it is returned.

import {
  type Column,
  DamagedFile,
  type DataFile,
  describeFile,
  findHiddenRows,
  type LayerFile,
  type Manifest,
  type NounLayers,
  nounToColumns,
  type ObjectStore,
  putChecked,
  writePositionDeletes,
} from '@dotdo/db'
import type { NounLookup, NounSchema } from 'digital-objects'
import type { TenantMeta } from '../log/tenant-meta.ts'
import type { StateReader } from '../state/state-reader.ts'
import { nextTask } from '../base/next-task.ts'
import type { FileNames } from './file-names.ts'
import type { DeletesFile, TableFile, TablePosition } from './noun-table-state.ts'
import { layersIn, type PlannedFile } from './plan-noun-table.ts'
import { writeWholeFile } from './whole-file.ts'

export interface NounTableFilesOptions {
  readonly storage: DurableObjectStorage
  readonly store: ObjectStore
  readonly state: StateReader
  readonly lookup: NounLookup
  readonly meta: TenantMeta
  readonly names: FileNames
  readonly manifest: () => Manifest
  readonly now: () => number
  /** The location of the store's root, such as `s3://lake/`, as paths in the tables begin with it. */
  readonly root: string
  /** Records a key before its file is put, because a crash after the put leaves an orphan file. */
  readonly willPut: (key: string) => void
  /** Returns the name of a Noun's table. */
  readonly nameOf: (noun: string) => string
}

const listedMax = 1_000
const listedPagesMax = 200

export class NounTableFiles {
  readonly #options: NounTableFilesOptions

  constructor(options: NounTableFilesOptions) {
    this.#options = options
  }

  /** Writes all entities of a small Noun to one file. */
  async writeWhole(options: {
    readonly manifest: Manifest
    readonly noun: string
    readonly schema: NounSchema
    readonly layers: NounLayers
  }): Promise<readonly TableFile[]> {
    const { manifest, noun, schema, layers } = options
    const { names, state, storage, store, willPut } = this.#options
    const written = await writeWholeFile({
      sql: storage.sql,
      state,
      table: state.hasTable(noun) ? state.tableOf(schema) : undefined,
      schema,
      columns: nounToColumns(schema, layers.fields),
      seq: manifest.seq,
    })
    const key = `${this.#folderOf(noun)}/data/whole-${names.next()}.parquet`
    willPut(key)
    await putChecked(store, key, written.content)
    await store.sync([key])
    const { content: _, ...layout } = written
    return [{ key, ...layout }]
  }

  /** Finds the deletes of files that have none yet. */
  async findDeletes(noun: string, plan: readonly PlannedFile[]): Promise<readonly TableFile[]> {
    const { store } = this.#options
    const files: TableFile[] = []
    for (const planned of plan) {
      if (planned.kind === 'kept') {
        files.push(planned.file)
        continue
      }
      const { file } = planned
      const hidden = planned.kind === 'base' ? [] : await findHiddenRows({ store, ...planned, pause: nextTask })
      files.push({
        ...layoutOf(file),
        ...(hidden.length === 0 ? {} : { deletes: await this.#writeDeletes(noun, hidden) }),
      })
    }
    await store.sync(files.flatMap(({ deletes }) => deletes?.key ?? []))
    return files
  }

  async #writeDeletes(
    noun: string,
    hidden: readonly { readonly key: string; readonly positions: readonly number[] }[],
  ): Promise<DeletesFile> {
    const { names, root, store, willPut } = this.#options
    const rows = hidden
      .map(({ key, positions }) => ({ path: root + key, positions }))
      .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    const content = writePositionDeletes(rows)
    const key = `${this.#folderOf(noun)}/data/deletes-${names.next()}.parquet`
    willPut(key)
    await putChecked(store, key, content)
    const paths = { first: rows[0]?.path ?? '', last: rows.at(-1)?.path ?? '' }
    return { key, bytes: content.length, rows: rows.reduce((sum, { positions }) => sum + positions.length, 0), paths }
  }

  /** Describes files that the table does not have yet, and their deletes. */
  async describeAdded(
    noun: string,
    files: readonly TableFile[],
    before: readonly TableFile[],
  ): Promise<readonly DataFile[]> {
    const { lookup, manifest, root, store } = this.#options
    const known = new Set(before.flatMap(({ key, deletes }) => [key, deletes?.key]))
    const [schema, layers] = [lookup(noun), layersIn(manifest(), noun)]
    const columns: readonly Column[] =
      schema === undefined || layers === undefined ? [] : nounToColumns(schema, layers.fields)
    const described: DataFile[] = []
    for (const { deletes, ...ref } of files) {
      if (!known.has(ref.key)) {
        const bounded = new Set(columns.filter(isBounded).map(({ name }) => name))
        described.push(await describeFile(store, { ref, path: root + ref.key, columns, bounded }))
      }
      if (deletes === undefined || known.has(deletes.key)) continue
      const { key, bytes, rows, paths } = deletes
      described.push({ content: 'deletes', path: root + key, bytes, rows, paths, columns: [] })
    }
    return described
  }

  /** Puts the file for programs that know no Iceberg, or removes it, since an outdated one would be wrong. */
  async putCurrent(noun: string, { kind, files }: Pick<TablePosition, 'kind' | 'files'>): Promise<void> {
    const { meta, store } = this.#options
    const key = `${meta.get('tenant') ?? ''}/current/${this.#options.nameOf(noun)}.parquet`
    const [file] = files
    if (kind === 'layers' || file === undefined) return store.delete([key])
    const bytes = await store.get(file.key)
    if (bytes === undefined) throw new DamagedFile(file.key, 'it is missing')
    await store.put(key, bytes, { ifAbsent: false })
  }

  /** Puts the list of the tables, for readers without a catalog. */
  async putList(positions: ReadonlyMap<string, TablePosition>): Promise<void> {
    const { meta, now, store } = this.#options
    const tenant = meta.get('tenant') ?? ''
    const tables = [...positions]
      .filter(([, { version }]) => version > 0)
      .map(([noun, { name, version, seq, kind }]) => ({
        name,
        noun,
        version,
        seq,
        ...(kind === 'whole' ? { current: `${tenant}/current/${name}.parquet` } : {}),
      }))
    const list = { format: 1, madeAt: new Date(now()).toISOString(), tables }
    await store.put(`${tenant}/tables.json`, new TextEncoder().encode(JSON.stringify(list)), { ifAbsent: false })
  }

  /** Returns all keys that begin with the prefix. */
  async list(prefix: string): Promise<readonly string[]> {
    const keys: string[] = []
    for (let page = 0; page < listedPagesMax; page++) {
      const after = keys.at(-1) ?? ''
      const { objects, hasMore } = await this.#options.store.list({ prefix, after, limit: listedMax })
      keys.push(...objects.map(({ key }) => key))
      if (!hasMore || objects.length === 0) break
    }
    return keys
  }

  #folderOf(noun: string): string {
    const { meta, nameOf } = this.#options
    return `${meta.get('tenant') ?? ''}/${nameOf(noun)}`
  }
}

function layoutOf({ key, bytes, rows, tailStart, footerStart, footerChecksum }: LayerFile): TableFile {
  return { key, bytes, rows, tailStart, footerStart, footerChecksum }
}

/** People filter by ids, times, and the fields that are indexed. */
function isBounded({ name, isIndexed }: Column): boolean {
  return isIndexed || (name.startsWith('$') && name !== '$deleted')
}

/** Returns the version in a metadata file's name; 0 for any other key. */
export function versionOf(key: string): number {
  return Number(/\/v(\d{1,15})\.metadata\.json$/.exec(key)?.[1] ?? 0)
}
