// Copies of a tenant's lake that are made while its server writes, and relocated, so that engines read them by their paths.

import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { relocateLake } from '../../apps/headless.ly/src/embedded/relocate-lake.ts'

export interface Copy {
  /** The folder of the tenant in the copy. */
  readonly folder: string
  readonly beganMs: number
}

export class Copies {
  readonly #from: string
  readonly #folder: string
  readonly #users = new Map<Copy, number>()
  #newest: Copy | undefined
  made = 0
  /** Copies that lacked files of their newest commits. */
  incomplete = 0

  constructor({ lake, folder }: { readonly lake: string; readonly folder: string }) {
    this.#from = lake
    this.#folder = folder
  }

  /** Makes a copy, and removes earlier ones that nobody reads. */
  async make(tenant: string): Promise<Copy> {
    const folder = join(this.#folder, String(this.made++))
    const beganMs = Date.now()
    mkdirSync(folder, { recursive: true })
    await copyFolder(join(this.#from, tenant), join(folder, tenant))
    const tables = await relocateLake(folder)
    if (tables.some(({ skipped }) => skipped > 0)) this.incomplete++
    const copy = { folder: join(folder, tenant), beganMs }
    this.#newest = copy
    this.#users.set(copy, 0)
    for (const [old, users] of this.#users) if (old !== copy && users === 0) this.#remove(old)
    return copy
  }

  /** Reads the newest copy, which stays meanwhile. */
  async reading<Result>(read: (copy: Copy) => Promise<Result>): Promise<Result> {
    const copy = this.#newest
    if (copy === undefined) throw new Error('there is no copy yet')
    this.#users.set(copy, (this.#users.get(copy) ?? 0) + 1)
    try {
      return await read(copy)
    } finally {
      const users = (this.#users.get(copy) ?? 1) - 1
      this.#users.set(copy, users)
      if (users === 0 && copy !== this.#newest) this.#remove(copy)
    }
  }

  #remove(copy: Copy): void {
    this.#users.delete(copy)
    rmSync(join(copy.folder, '..'), { recursive: true, force: true })
  }
}

/** A file that the server deletes meanwhile is missed, which `cp` reports by its exit code. */
async function copyFolder(from: string, to: string): Promise<void> {
  await promisify(execFile)('cp', ['-r', from, to]).catch(() => {})
  if (!existsSync(to)) throw new Error(`'${from}' was not copied`)
}
