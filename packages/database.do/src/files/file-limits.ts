// Limits of files by the access level of a caller's key.

export interface FileLimits {
  readonly bytesMax: number
  /** The bytes of all files of the tenant together. */
  readonly tenantBytesMax: number
}

const trial: FileLimits = { bytesMax: 10 * 2 ** 20, tenantBytesMax: 100 * 2 ** 20 }
const usual: FileLimits = { bytesMax: 2 * 2 ** 30, tenantBytesMax: 100 * 2 ** 30 }

export function limitsOf(level: number | undefined): FileLimits {
  return level !== undefined && level <= 1 ? trial : usual
}

/** Open uploads of one tenant. */
export const uploadsMax = 1_000
/** An upload that nobody has finished, and bytes that no asset names, are removed after this time. */
export const graceMs = 7 * 86_400_000
export const uploadMs = 86_400_000
export const linkSecondsMax = 7 * 86_400
