// The states of a commit that waits for the consent of a person.

export const approvalStatuses = ['Pending', 'Approved', 'Refused', 'Outdated', 'Expired'] as const

export type ApprovalStatus = (typeof approvalStatuses)[number]
