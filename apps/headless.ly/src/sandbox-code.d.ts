/** The programs inside the sandbox, bundled; the build writes them before the Worker is bundled. */
export const sandboxPrograms: { readonly run: string; readonly check: string }
