// The role of a Noun: the part of the product that works with its entities, whatever the Noun is called. A role reads fields
// by their names, which a definition must have.

export const nounRoles = ['event', 'flag', 'experiment', 'segment', 'funnel', 'metric', 'goal'] as const
export type NounRole = (typeof nounRoles)[number]
