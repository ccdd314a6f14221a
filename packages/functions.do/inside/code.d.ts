/** The developer's code, a module of its own: whatever it may be. */
declare const code: unknown
export default code
