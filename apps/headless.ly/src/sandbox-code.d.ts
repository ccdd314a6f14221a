/** The text of `inside/main.ts`, bundled with the SDK; the build writes it before the Worker is bundled. */
export const sandboxCode: string
