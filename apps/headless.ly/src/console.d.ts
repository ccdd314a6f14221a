/** The page of the console: HTML that names the scripts and styles of its build. */
export const consolePage: string
