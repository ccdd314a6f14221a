/** Returns JSON compressed by gzip, in Base64. */
export function pack(value: unknown): string
