/** The developer's code, a module of its own. It may be anything. */
declare const code: unknown
export default code
