// Bytes as hexadecimal digits.

/** Writes each byte as two lower-case digits. */
export function bytesToHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
