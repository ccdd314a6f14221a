// The reason of a forced write: a sentence that its event records.

export const forceReasonRule = 'a reason of 1 to 300 characters'
const charactersMax = 300

export function isForceReason(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= charactersMax && value.isWellFormed()
}
