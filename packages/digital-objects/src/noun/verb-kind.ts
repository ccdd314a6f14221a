// The kinds of verbs that reach beyond the data: they send something to people, move money, give rights, or delete. Rules of
// approval name them, and a program that has read text of strangers needs consent for them.

export const verbKinds = ['sends', 'pays', 'grants', 'deletes'] as const

export type VerbKind = (typeof verbKinds)[number]
