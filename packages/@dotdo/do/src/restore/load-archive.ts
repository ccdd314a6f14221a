// Loads an archive into a tenant that has nothing: its events as they are, then definitions, tables, state and files. It may be cut
// off after any member, and sent again from its start.

import { isObject, tryParseJson } from 'digital-objects'
import { insertKept, textToRow, type Row } from '../flush/kept-tables.ts'
import { rebuildTenant } from '../flush/rebuild-tenant.ts'
import {
  archivedTables,
  type ArchiveMember,
  archiveFormat,
  definitionsMember,
  parseEvent,
  wrongMember,
} from './archive-members.ts'
import { noteDefinition, restoreDefinitions, type RestoreOptions } from './restore-tenant.ts'

/** Throws an ObjectError for a head that this program cannot load. */
export function parseArchiveHead(text: string): { readonly events: number } {
  const head = tryParseJson(text)
  if (!isObject(head) || head['format'] !== archiveFormat || typeof head['events'] !== 'number')
    throw wrongMember('archive.json', `expected an archive of format ${archiveFormat}`)
  return { events: head['events'] }
}

/** The state of a load that has begun, with the number of events of its archive. */
export function formatLoad(events: number): string {
  return JSON.stringify({ archive: events })
}

/** `begun` is the state of a load, or of a restore, which has no such number. */
export function eventsOfLoad(begun: string): number | undefined {
  const events = /^\{"archive":(\d+)\}$/.exec(begun)?.[1]
  return events === undefined ? undefined : Number(events)
}

export async function loadMember(options: RestoreOptions, { name, text }: ArchiveMember): Promise<void> {
  const { storage, events } = options
  const lines = text.split('\n').slice(0, -1)
  if (/^events\/\d{12}\.ndjson$/.test(name))
    return storage.transactionSync(() => {
      for (const [at, line] of lines.entries()) {
        const row = parseEvent(line, `${name}:${at + 1}`)
        // Events of an earlier attempt are there already.
        if (row.seq <= events.head) {
          if (events.at(row.seq)?.id === row.id) continue
          throw wrongMember(`${name}:${at + 1}`, `event ${row.seq} is not that of the archive whose load has begun`)
        }
        if (row.seq !== events.head + 1 || row.atMs < events.headAtMs)
          throw wrongMember(`${name}:${at + 1}`, `expected event ${events.head + 1}, found ${row.seq}`)
        events.append(row)
        noteDefinition(options, row)
      }
    })
  const rows = lines.map((line, at): Row => {
    const parsed = tryParseJson(line)
    if (!isObject(parsed)) throw wrongMember(`${name}:${at + 1}`, 'expected an object as JSON')
    return textToRow(parsed, name)
  })
  if (name === definitionsMember) {
    await restoreDefinitions(options, rows)
    return
  }
  const table = /^tables\/([a-z_]+)\/\d{12}\.ndjson$/.exec(name)?.[1] ?? ''
  if (!Object.hasOwn(archivedTables, table)) throw wrongMember(name, 'no archive has this member')
  storage.transactionSync(() => insertKept(storage.sql, table, rows))
}

/** Makes state and files of what was loaded. */
export async function finishArchive(
  options: RestoreOptions,
  expected: number,
): Promise<{ readonly events: number; readonly entities: number }> {
  const { events, lake, storage, reload } = options
  if (events.head !== expected) throw wrongMember('archive.json', `expected ${expected} events, got ${events.head}`)
  reload()
  const rebuilt = await rebuildTenant(options)
  storage.transactionSync(() => lake.state.clear('restoredNouns'))
  return rebuilt
}
