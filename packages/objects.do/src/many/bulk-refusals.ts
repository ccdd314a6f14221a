// The refusals of a bulk job, which go on with it from commit to commit.

import type { BulkWork } from '@dotdo/do'
import type { ObjectError } from 'digital-objects'
import { problemOf } from '../answers/problem.ts'
import type { Refusal } from '../writes/write.ts'

/** Limits the refusals that a job lists. */
const refusalsMax = 100
/** The platform limits a row to 2 MB, and an undo's refusal lists its conflicts. */
const refusalsCharactersMax = 500_000
/** Refusals that another attempt may not meet. */
const passingCodes: readonly string[] = ['overloaded', 'storage_full', 'timeout']

export function mayPass({ code }: ObjectError): boolean {
  return passingCodes.includes(code)
}

export class Refusals {
  #listed: readonly (Refusal & { readonly field: string })[]
  #refused: number

  constructor({ refusals, refused }: Pick<BulkWork, 'refusals' | 'refused'>) {
    this.#listed = JSON.parse(refusals) as (Refusal & { readonly field: string })[] // written by `progress`
    this.#refused = refused
  }

  /** `count` is what the refusal leaves undone. */
  add(field: string, { error, count }: { readonly error: ObjectError; readonly count: number }): void {
    this.#refused += count
    const problem = problemOf(error.toData())
    const listed = [...this.#listed, { field, status: problem.status, problem }]
    if (listed.length > refusalsMax || JSON.stringify(listed).length > refusalsCharactersMax) return
    this.#listed = listed
  }

  get progress(): { readonly refused: number; readonly refusals: string } {
    return { refused: this.#refused, refusals: JSON.stringify(this.#listed) }
  }
}
