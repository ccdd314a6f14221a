// The list of all operations of a tenant: reads, writes and commands. The HTTP routes, the names that calls may use and the
// OpenAPI document are generated from it.

import { batch } from '../batch/batch.ts'
import { archiveLoad, archiveRead } from '../commands/archive.ts'
import { flush } from '../commands/flush.ts'
import { rebuild } from '../commands/rebuild.ts'
import { restore } from '../commands/restore.ts'
import { verify } from '../commands/verify.ts'
import type { Command } from '../commands/command.ts'
import type { CallOf } from 'digital-objects'
import { endHistory, loadHistory } from '../history/load-history.ts'
import { discardImport, stageImport, startImport } from '../many/import-writes.ts'
import { createMany, deleteMany, updateMany } from '../many/many-writes.ts'
import { tryImport } from '../many/try-import.ts'
import { undo, undoMany } from '../many/undo.ts'
import type { Operation } from '../openapi/operation.ts'
import { approve, refuse } from '../plans/decide-approval.ts'
import { executePlan } from '../plans/execute-plan.ts'
import { aggregate } from '../reads/aggregate.ts'
import { approval } from '../reads/approval.ts'
import { approvals } from '../reads/approvals.ts'
import { analysis } from '../reads/analysis.ts'
import { audit } from '../reads/audit.ts'
import { clock } from '../reads/clock.ts'
import { commit } from '../reads/commit.ts'
import { count } from '../reads/count.ts'
import { diff } from '../reads/diff.ts'
import { erasure } from '../reads/erasure.ts'
import { erasures } from '../reads/erasures.ts'
import { event } from '../reads/event.ts'
import { events } from '../reads/events.ts'
import { find } from '../reads/find.ts'
import { flag } from '../reads/flag.ts'
import { flags } from '../reads/flags.ts'
import { functionRuns, webhookDeliveries } from '../reads/service-logs.ts'
import { get } from '../reads/get.ts'
import { history } from '../reads/history.ts'
import { historyState } from '../reads/history-state.ts'
import { importRefused } from '../reads/import-refused.ts'
import { job } from '../reads/job.ts'
import { jobs } from '../reads/jobs.ts'
import { members } from '../reads/members.ts'
import { metric } from '../reads/metric.ts'
import { metrics } from '../reads/metrics.ts'
import { openapi } from '../reads/openapi.ts'
import { origins } from '../reads/origins.ts'
import { overview } from '../reads/overview.ts'
import type { Read } from '../reads/read.ts'
import { references } from '../reads/references.ts'
import { schema } from '../reads/schema.ts'
import { schemas } from '../reads/schemas.ts'
import { rules } from '../reads/rules.ts'
import { secrets } from '../reads/secrets.ts'
import { settings } from '../reads/settings.ts'
import { whoami } from '../reads/whoami.ts'
import { status } from '../reads/status.ts'
import { assign } from '../writes/assign.ts'
import { create } from '../writes/create.ts'
import { deleteSchema } from '../writes/delete-schema.ts'
import { remove } from '../writes/delete.ts'
import { patchSchema } from '../writes/patch-schema.ts'
import { previewRules } from '../writes/preview-rules.ts'
import { putRules } from '../writes/put-rules.ts'
import { changeSettings } from '../writes/change-settings.ts'
import { perform } from '../writes/perform.ts'
import { deleteSecret, putSecret } from '../writes/secret-writes.ts'
import { askErasure, previewErasure } from '../writes/erase-person.ts'
import { putSchema } from '../writes/put-schema.ts'
import { rollback } from '../writes/rollback.ts'
import { setClock } from '../writes/set-clock.ts'
import { update } from '../writes/update.ts'
import type { Write } from '../writes/write.ts'

const reads: readonly Read[] = [
  find,
  count,
  aggregate,
  get,
  references,
  members,
  analysis,
  history,
  origins,
  diff,
  events,
  event,
  commit,
  overview,
  status,
  metrics,
  metric,
  flags,
  flag,
  clock,
  settings,
  rules,
  whoami,
  audit,
  approvals,
  approval,
  secrets,
  erasures,
  erasure,
  functionRuns,
  webhookDeliveries,
  historyState,
  jobs,
  job,
  importRefused,
  schemas,
  schema,
  openapi,
]
const writes: readonly Write[] = [
  create,
  update,
  remove,
  rollback,
  perform,
  putSchema,
  patchSchema,
  deleteSchema,
  changeSettings,
  putRules,
  putSecret,
  deleteSecret,
  askErasure,
  previewErasure,
  previewRules,
  undo,
  undoMany,
  assign,
  setClock,
  loadHistory,
  endHistory,
  discardImport,
  tryImport,
  stageImport,
  startImport,
  createMany,
  updateMany,
  deleteMany,
  batch,
  executePlan,
  approve,
  refuse,
]
const commands: readonly Command[] = [flush, verify, rebuild, restore, archiveRead, archiveLoad]

export const operations: readonly Operation[] = [...reads, ...writes, ...commands]

const readsByName = new Map(reads.map((read) => [read.name, read]))
const writesByName = new Map(writes.map((write) => [write.name, write]))
const commandsByName = new Map(commands.map((command) => [command.name, command]))

export const readNames: readonly string[] = [...readsByName.keys()]

export function findRead(name: string): Read | undefined {
  return readsByName.get(name)
}

/**
 * Treats a verb without a write of its own as a custom verb, and so the verb of a Noun that is named as a write of the whole
 * tenant. `perform` checks that the Noun has it.
 */
export function findWrite({ verb, noun }: Pick<CallOf<'write'>, 'verb' | 'noun'>): Write {
  const write = writesByName.get(verb)
  if (write === undefined) return perform
  // No verb of a Noun has a dot in its name.
  const isOfTenant = !verb.includes('.') && write.routes.every(({ path }) => !path.includes('{Noun}'))
  return noun !== '' && isOfTenant ? perform : write
}

export function findCommand(name: string): Command | undefined {
  return commandsByName.get(name)
}
