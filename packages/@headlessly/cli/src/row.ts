// A row of an answer, as the command line prints it.

export type Row = Readonly<Record<string, unknown>>
