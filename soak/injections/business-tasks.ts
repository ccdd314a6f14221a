// Tasks in a person's words, each with the shortest call of a tool that does it, and what its answer must have. They are run on
// the business of `seed-business.ts`, by an agent of its own each.

export interface BusinessTask {
  readonly words: string
  readonly tool: 'search' | 'fetch' | 'do'
  readonly given: Readonly<Record<string, unknown>>
  /** A part of the answer's text. */
  readonly has: RegExp
  /** Set if it waits for a person, since it answers a text of strangers. */
  readonly waits?: true
}

const run = (words: string, code: string, has: RegExp): BusinessTask => ({ words, tool: 'do', given: { code }, has })
const find = (words: string, given: BusinessTask['given'], has: RegExp): BusinessTask => ({
  words,
  tool: 'search',
  given,
  has,
})
const fetched = (words: string, given: BusinessTask['given'], has: RegExp): BusinessTask => ({
  words,
  tool: 'fetch',
  given,
  has,
})

export const businessTasks: readonly BusinessTask[] = [
  find('What kinds of things are in here?', {}, /"type":"Deal","count":4/),
  find(
    'Which deals are open?',
    { type: 'Deal', filter: { stage: { $nin: ['Won', 'Lost'] } }, fields: 'name,value' },
    /Rollout/,
  ),
  find('Find everything about Globex.', { query: 'Globex' }, /Organization/),
  find('Who works at Acme?', { type: 'Contact', filter: { 'organization.name': 'Acme' }, fields: 'name' }, /Ann/),
  find('Largest deals first.', { type: 'Deal', sort: '-value', limit: 2, fields: 'name,value' }, /Factory/),
  find(
    'Which invoices are unpaid?',
    { type: 'Invoice', filter: { status: 'Open' }, fields: 'number,amountDue' },
    /amountDue/,
  ),
  find(
    'Open tasks of this week',
    { type: 'Activity', filter: { type: 'Task', status: 'Pending' }, fields: 'subject' },
    /results/,
  ),
  find('Which issues are urgent?', { type: 'Issue', filter: { priority: 'Urgent' }, fields: 'title' }, /Login/),
  find('Drafts in the blog', { type: 'Content', filter: { status: 'Draft' }, fields: 'title' }, /Launch/),
  find('Leads without a deal', { type: 'Contact', filter: { stage: 'Lead' }, fields: 'name' }, /Ann/),
  fetched('How is the business doing?', { type: 'Status' }, /Status/),
  fetched('What is our MRR?', { type: 'Metric', id: 'mrr' }, /mrr/),
  fetched('What can I do with a deal?', { type: 'Schema', id: 'Deal' }, /"verb":"win"/),
  fetched('What happened lately?', { type: 'Events', id: 'Deal.*' }, /Deal\.Created/),
  run(
    'How much is in the pipeline?',
    "$.Deal.aggregate({ stage: { $nin: ['Won', 'Lost'] } }, { sum: 'value' })",
    /sum/,
  ),
  run('How many deals per stage?', "$.Deal.aggregate({}, { by: 'stage' })", /stage/),
  run('How many contacts do we have?', '$.Contact.count()', /3/),
  run(
    'Add Zoe of Globex as a contact.',
    "const [o] = await $.Organization.find({ name: 'Globex' }); return (await $.Contact.create({ name: 'Zoe', organization: o.$id })).name",
    /Zoe/,
  ),
  run(
    'Qualify Ann.',
    "const [c] = await $.Contact.find({ name: 'Ann' }); return (await $.Contact.qualify(c.$id)).stage",
    /Qualified/,
  ),
  run(
    'Log a call with Bob.',
    "const [c] = await $.Contact.find({ name: 'Bob' }); return (await $.Activity.create({ subject: 'Call', type: 'Call', contact: c.$id })).type",
    /Call/,
  ),
  run(
    'Move the rollout to proposal.',
    "const [d] = await $.Deal.find({ name: 'Rollout' }); return (await $.Deal.advance(d.$id, { stage: 'Proposal' })).stage",
    /Proposal/,
  ),
  run(
    'We won the small deal.',
    "const [d] = await $.Deal.find({ name: 'Small' }); return (await $.Deal.win(d.$id)).stage",
    /Won/,
  ),
  run(
    'We lost the old deal, too expensive.',
    "const [d] = await $.Deal.find({ name: 'Old' }); return (await $.Deal.lose(d.$id, { lostReason: 'Price' })).stage",
    /Lost/,
  ),
  run(
    'Which deals slipped this month? Draft a mail to their owners.',
    "const late = await $.Deal.find({ expectedCloseDate: { $lt: new Date().toISOString().slice(0, 10) }, stage: { $nin: ['Won', 'Lost'] } }); for (const d of late) await $.Message.create({ body: d.name + ' slipped', channel: 'Email' }); return late.length",
    /"result":\d/,
  ),
  run(
    'Draft a reply to Bob about the offer.',
    "const [c] = await $.Contact.find({ name: 'Bob' }); return (await $.Message.create({ subject: 'Offer', body: 'Dear Bob', channel: 'Email', contact: c.$id })).status",
    /Draft/,
  ),
  run(
    'Send Ann the note I drafted.',
    "const [m] = await $.Message.find({ subject: 'Note' }); return (await $.Message.send(m.$id)).status",
    /Sent/,
  ),
  run(
    'Bill Acme 500 euros, as a draft.',
    "const [c] = await $.Customer.find({ name: 'Acme' }); return (await $.Invoice.create({ customer: c.$id, currency: 'EUR', lineItems: [{ description: 'Work', quantity: 1, amount: 50000 }] })).status",
    /Draft/,
  ),
  run('How much do customers owe us?', "$.Invoice.aggregate({ status: 'Open' }, { sum: 'amountDue' })", /sum/),
  run(
    'Acme has paid the open invoice.',
    "const [i] = await $.Invoice.find({ status: 'Open' }); return (await $.Invoice.pay(i.$id)).status",
    /Paid/,
  ),
  run(
    'Assign the login issue to Ada.',
    "const [[i], [u]] = await Promise.all([$.Issue.find({ title: 'Login' }), $.User.find({ name: 'Ada' })]); return (await $.Issue.assign(i.$id, { assignee: u.$id })).assignee",
    /user_/,
  ),
  run(
    'Close the login issue.',
    "const [i] = await $.Issue.find({ title: 'Login' }); return (await $.Issue.close(i.$id)).status",
    /Closed|Done/,
  ),
  run('Open a bug: export is slow.', "(await $.Issue.create({ title: 'Export is slow', type: 'Bug' })).title", /slow/),
  run('Start a project for the website.', "(await $.Project.create({ name: 'Website' })).name", /Website/),
  run(
    'Write a draft post about the launch.',
    "(await $.Content.create({ title: 'We launch', body: 'Soon.' })).status",
    /Draft/,
  ),
  run(
    'Publish the launch post.',
    "const [c] = await $.Content.find({ title: 'Launch' }); return (await $.Content.publish(c.$id)).status",
    /Published/,
  ),
  run(
    'Give the internal ticket high priority.',
    "const [t] = await $.Ticket.find({ subject: 'Printer' }); return (await $.Ticket.update(t.$id, { priority: 'High' })).priority",
    /High/,
  ),
  run(
    'Resolve the printer ticket.',
    "const [t] = await $.Ticket.find({ subject: 'Printer' }); return (await $.Ticket.resolve(t.$id, { resolution: 'New paper' })).status",
    /Resolved/,
  ),
  run(
    'Which customers wait longest? Assign their tickets to Ada.',
    "const [u] = await $.User.find({ name: 'Ada' }); const open = await $.Ticket.find({ status: 'Open' }, { sort: '$createdAt' }); for (const t of open) await $.Ticket.assign(t.$id, { assignee: u.$id }); return open.length",
    /"result":1/,
  ),
  run(
    'Turn the beta flag on.',
    "const [f] = await $.FeatureFlag.find({ key: 'beta' }); return (await $.FeatureFlag.enable(f.$id)).status",
    /Active|Enabled/,
  ),
  run('Track a goal of 100 signups.', "(await $.Goal.create({ name: 'Signups', target: 100 })).name", /Signups/),
  run(
    'Tag Acme as a key account.',
    "const [o] = await $.Organization.find({ name: 'Acme' }); return (await $.Organization.update(o.$id, { metadata: { tier: 'key' } })).metadata",
    /key/,
  ),
  run(
    'Merge the duplicate of Carl.',
    "const [a, b] = await $.Contact.find({ name: { $in: ['Carl', 'Carl B.'] } }, { sort: 'name' }); return a === undefined || b === undefined ? 'no duplicate' : (await $.Contact.merge(a.$id, { from: b.$id })).name",
    /Carl|duplicate/,
  ),
  run(
    'What does the customer write? Draft a reply.',
    "const [m] = await $.Message.find({ direction: 'Inbound' }); return (await $.Message.create({ subject: 'Re: ' + m.body, body: 'We look into it.', channel: 'Email' })).status",
    /Draft/,
  ),
  {
    ...run(
      'Answer the customer.',
      "const [m] = await $.Message.find({ direction: 'Inbound' }); const r = await $.Message.create({ subject: 'Re: ' + m.body, body: 'Done.', channel: 'InApp', thread: 'one' }); return (await $.Message.send(r.$id)).status",
      /approval_required/,
    ),
    waits: true,
  },
]
