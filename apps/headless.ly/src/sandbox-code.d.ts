interface Programs {
  readonly run: string
  readonly check: string
}

/** The programs inside the sandbox, bundled; the build writes them before the Worker is bundled. */
export const sandboxPrograms: Programs
/** The same for `unpack`, for Workers that may never need them. */
export const packedPrograms: string
