// The kinds of business software that people look for by name, each as the entity types that it consists of here, in the order
// of their use, with the names by which its users call them.

import type { Context } from './context.ts'

type System = Pick<Context, 'about' | 'entities' | 'labels'>

export const systems = {
  crm: {
    about: 'Customer relationship management.',
    entities: ['Organization', 'Contact', 'Lead', 'Deal', 'Activity', 'Pipeline'],
  },
  pm: {
    about: 'Project management.',
    entities: ['Project', 'Issue', 'Comment', 'Goal', 'User', 'Activity'],
    labels: { Issue: 'Task' },
  },
  accounting: {
    about: 'Accounts receivable and revenue.',
    entities: ['Invoice', 'Payment', 'Customer', 'Subscription', 'Product', 'Price', 'Organization', 'Metric'],
    labels: { Customer: 'Debtor', Payment: 'Receipt' },
  },
  ehr: {
    about: 'Electronic health records.',
    entities: ['Contact', 'Ticket', 'Activity', 'Organization', 'Message', 'Form', 'Invoice', 'Payment', 'Asset'],
    labels: { Contact: 'Patient', Ticket: 'Encounter', Activity: 'Visit', Organization: 'Practice', Form: 'Intake' },
  },
  hris: {
    about: 'Human resources information.',
    entities: ['Contact', 'Organization', 'User', 'Goal', 'Activity', 'Form', 'Asset', 'Message'],
    labels: { Contact: 'Employee', Organization: 'Department', Goal: 'Objective', Form: 'Request' },
  },
  billing: {
    about: 'Subscriptions, invoices and payments.',
    entities: ['Customer', 'Product', 'Plan', 'Price', 'Subscription', 'Invoice', 'Payment'],
  },
  cms: {
    about: 'Content management.',
    entities: ['Content', 'Asset', 'Site', 'Form', 'Comment', 'User'],
    labels: { Content: 'Article', User: 'Editor' },
  },
  dam: {
    about: 'Digital asset management.',
    entities: ['Asset', 'Content', 'Site', 'Comment', 'User'],
    labels: { Comment: 'Annotation' },
  },
  helpdesk: {
    about: 'Customer support.',
    entities: ['Ticket', 'Contact', 'Organization', 'Message', 'Comment', 'User', 'Metric'],
    labels: { Contact: 'Requester', User: 'Agent' },
  },
  itsm: {
    about: 'Management of IT services.',
    entities: ['Ticket', 'Issue', 'Asset', 'User', 'Workflow', 'Integration', 'Metric'],
    labels: { Ticket: 'Incident', Issue: 'Problem', Asset: 'Configuration item' },
  },
  kb: {
    about: 'Knowledge base.',
    entities: ['Content', 'Site', 'Comment', 'Asset', 'Ticket'],
    labels: { Content: 'Article' },
  },
  ats: {
    about: 'Applicant tracking.',
    entities: ['Lead', 'Contact', 'Deal', 'Pipeline', 'Activity', 'Form', 'Message', 'Organization'],
    labels: {
      Lead: 'Applicant',
      Contact: 'Candidate',
      Deal: 'Application',
      Pipeline: 'Hiring stages',
      Activity: 'Interview',
    },
  },
  lms: {
    about: 'Learning management.',
    entities: ['Content', 'Contact', 'Subscription', 'Goal', 'Asset', 'Form', 'Message', 'Metric'],
    labels: { Content: 'Lesson', Contact: 'Learner', Subscription: 'Enrollment', Form: 'Quiz' },
  },
  erp: {
    about: 'Enterprise resource planning.',
    entities: [
      'Organization',
      'Contact',
      'Product',
      'Price',
      'Customer',
      'Invoice',
      'Payment',
      'Project',
      'Issue',
      'User',
      'Metric',
    ],
    labels: { Organization: 'Business partner', Issue: 'Task' },
  },
  wms: {
    about: 'Warehouse management.',
    entities: ['Product', 'Issue', 'Project', 'Organization', 'User', 'Event', 'Metric'],
    labels: { Product: 'Stock item', Issue: 'Pick', Project: 'Wave', Organization: 'Warehouse' },
  },
  tms: {
    about: 'Transportation management.',
    entities: ['Project', 'Issue', 'Organization', 'Contact', 'Activity', 'Invoice', 'Event'],
    labels: { Project: 'Shipment', Issue: 'Stop', Organization: 'Carrier', Contact: 'Driver' },
  },
  oms: {
    about: 'Order management.',
    entities: ['Invoice', 'Customer', 'Product', 'Price', 'Payment', 'Ticket', 'Event'],
    labels: { Invoice: 'Order', Ticket: 'Return' },
  },
  pos: {
    about: 'Point of sale.',
    entities: ['Payment', 'Product', 'Price', 'Invoice', 'Customer', 'User', 'Metric'],
    labels: { Invoice: 'Receipt', User: 'Cashier' },
  },
  pim: {
    about: 'Product information management.',
    entities: ['Product', 'Price', 'Asset', 'Content', 'Site', 'Integration'],
    labels: { Site: 'Channel' },
  },
  plm: {
    about: 'Product lifecycle management.',
    entities: ['Product', 'Project', 'Issue', 'Asset', 'Comment', 'Organization', 'Goal'],
    labels: { Issue: 'Change request', Asset: 'Drawing', Organization: 'Supplier' },
  },
  mrp: {
    about: 'Material requirements planning.',
    entities: ['Product', 'Project', 'Issue', 'Organization', 'Invoice', 'Metric'],
    labels: { Product: 'Material', Project: 'Production order', Issue: 'Operation', Organization: 'Supplier' },
  },
  mes: {
    about: 'Manufacturing execution.',
    entities: ['Project', 'Issue', 'Event', 'Product', 'User', 'Ticket', 'Metric'],
    labels: { Project: 'Work order', Issue: 'Operation', User: 'Operator', Ticket: 'Downtime' },
  },
  scm: {
    about: 'Supply chain management.',
    entities: ['Organization', 'Product', 'Project', 'Invoice', 'Contact', 'Event', 'Metric'],
    labels: { Organization: 'Trading partner', Project: 'Shipment' },
  },
  srm: {
    about: 'Supplier relationship management.',
    entities: ['Organization', 'Contact', 'Deal', 'Pipeline', 'Activity', 'Invoice', 'Form'],
    labels: { Organization: 'Supplier', Deal: 'Sourcing event', Form: 'Questionnaire' },
  },
  cdp: {
    about: 'Customer data platform.',
    entities: ['Contact', 'Event', 'Segment', 'Organization', 'Integration', 'Metric', 'Campaign'],
    labels: { Contact: 'Profile', Segment: 'Audience' },
  },
  esp: {
    about: 'E-mail to subscribers.',
    entities: ['Campaign', 'Message', 'Segment', 'Contact', 'Form', 'Event', 'Metric'],
    labels: { Contact: 'Subscriber', Segment: 'List' },
  },
  smm: {
    about: 'Social media marketing.',
    entities: ['Content', 'Campaign', 'Message', 'Asset', 'Integration', 'Event', 'Metric'],
    labels: { Content: 'Post', Integration: 'Channel' },
  },
  seo: {
    about: 'Search engine optimization.',
    entities: ['Site', 'Content', 'Goal', 'Metric', 'Event', 'Issue'],
    labels: { Content: 'Page', Issue: 'Finding' },
  },
  bi: {
    about: 'Business intelligence.',
    entities: ['Metric', 'Goal', 'Funnel', 'Event', 'Segment', 'Integration'],
  },
  cpq: {
    about: 'Configure, price, quote.',
    entities: ['Product', 'Plan', 'Price', 'Deal', 'Organization', 'Contact', 'Invoice'],
    labels: { Deal: 'Quote' },
  },
  clm: {
    about: 'Contract lifecycle management.',
    entities: ['Deal', 'Organization', 'Contact', 'Asset', 'Comment', 'Workflow', 'Activity'],
    labels: { Deal: 'Contract', Asset: 'Document', Organization: 'Counterparty' },
  },
  psa: {
    about: 'Automation of professional services.',
    entities: ['Project', 'Issue', 'Activity', 'Organization', 'Deal', 'Invoice', 'Payment', 'User'],
    labels: { Project: 'Engagement', Activity: 'Time entry', User: 'Consultant' },
  },
  rcm: {
    about: 'Revenue cycle of health care providers.',
    entities: ['Invoice', 'Payment', 'Customer', 'Contact', 'Organization', 'Ticket', 'Workflow'],
    labels: { Invoice: 'Claim', Payment: 'Remittance', Contact: 'Patient', Organization: 'Payer', Ticket: 'Denial' },
  },
  fsm: {
    about: 'Field service management.',
    entities: ['Ticket', 'Activity', 'Contact', 'Organization', 'User', 'Asset', 'Invoice'],
    labels: { Ticket: 'Work order', Activity: 'Visit', User: 'Technician', Asset: 'Equipment' },
  },
  cmms: {
    about: 'Computerized maintenance management.',
    entities: ['Ticket', 'Asset', 'Issue', 'User', 'Workflow', 'Metric'],
    labels: { Ticket: 'Work order', Asset: 'Equipment', Issue: 'Inspection', User: 'Technician' },
  },
  eam: {
    about: 'Enterprise asset management.',
    entities: ['Asset', 'Ticket', 'Project', 'Organization', 'Invoice', 'Metric'],
    labels: { Ticket: 'Work order', Project: 'Overhaul', Organization: 'Vendor' },
  },
  pms: {
    about: 'Property management.',
    entities: ['Product', 'Subscription', 'Contact', 'Customer', 'Invoice', 'Payment', 'Ticket'],
    labels: { Product: 'Unit', Subscription: 'Lease', Contact: 'Tenant', Ticket: 'Maintenance request' },
  },
  rms: {
    about: 'Records management.',
    entities: ['Asset', 'Content', 'Project', 'User', 'Workflow', 'Event'],
    labels: { Asset: 'Record', Project: 'Series', Workflow: 'Retention rule' },
  },
  los: {
    about: 'Loan origination.',
    entities: ['Lead', 'Contact', 'Deal', 'Pipeline', 'Asset', 'Form', 'Activity'],
    labels: {
      Lead: 'Inquiry',
      Contact: 'Borrower',
      Deal: 'Loan application',
      Asset: 'Document',
      Form: 'Application form',
    },
  },
  ams: {
    about: 'Association management.',
    entities: ['Contact', 'Subscription', 'Plan', 'Organization', 'Campaign', 'Invoice', 'Message'],
    labels: { Contact: 'Member', Subscription: 'Membership', Organization: 'Chapter', Invoice: 'Dues' },
  },
  claims: {
    about: 'Insurance claims.',
    entities: ['Ticket', 'Contact', 'Organization', 'Asset', 'Payment', 'Comment', 'Workflow'],
    labels: { Ticket: 'Claim', Contact: 'Claimant', Asset: 'Evidence', Payment: 'Settlement' },
  },
  grc: {
    about: 'Governance, risk and compliance.',
    entities: ['Issue', 'Project', 'Goal', 'Content', 'Asset', 'User', 'Workflow'],
    labels: { Issue: 'Risk', Project: 'Audit', Goal: 'Control', Content: 'Policy', Asset: 'Evidence' },
  },
  iam: {
    about: 'Identity and access management.',
    entities: ['User', 'ApiKey', 'Agent', 'Integration', 'Event'],
    labels: { User: 'Identity', ApiKey: 'Credential' },
  },
  alm: {
    about: 'Application lifecycle management.',
    entities: ['Project', 'Issue', 'Comment', 'FeatureFlag', 'Integration', 'Ticket', 'Goal'],
    labels: { Issue: 'Requirement', Ticket: 'Defect' },
  },
  ci: {
    about: 'Continuous integration.',
    entities: ['Workflow', 'Integration', 'Project', 'Issue', 'FeatureFlag', 'Event'],
    labels: { Workflow: 'Pipeline', Project: 'Repository', Event: 'Build' },
  },
  apm: {
    about: 'Application performance monitoring.',
    entities: ['Metric', 'Event', 'Ticket', 'Integration', 'Goal'],
    labels: { Event: 'Trace', Ticket: 'Incident', Goal: 'Service level' },
  },
  vms: {
    about: 'Management of contingent workers.',
    entities: ['Organization', 'Contact', 'Deal', 'Project', 'Invoice', 'Activity'],
    labels: { Organization: 'Vendor', Contact: 'Contractor', Deal: 'Requisition', Project: 'Assignment' },
  },
  ecommerce: {
    about: 'Online shop.',
    entities: ['Product', 'Price', 'Customer', 'Invoice', 'Payment', 'Site', 'Content', 'Campaign', 'Event', 'Ticket'],
    labels: { Invoice: 'Order', Site: 'Storefront' },
  },
  community: {
    about: 'Community of members.',
    entities: ['Contact', 'Content', 'Comment', 'Message', 'Event', 'Segment', 'Campaign'],
    labels: { Contact: 'Member', Content: 'Post', Segment: 'Group' },
  },
  'events-mgmt': {
    about: 'Events with registrations.',
    entities: ['Project', 'Contact', 'Form', 'Invoice', 'Payment', 'Campaign', 'Message', 'Organization'],
    labels: { Project: 'Event', Contact: 'Attendee', Form: 'Registration', Organization: 'Sponsor' },
  },
  donor: {
    about: 'Fundraising and donors.',
    entities: ['Contact', 'Organization', 'Payment', 'Subscription', 'Campaign', 'Activity', 'Message'],
    labels: { Contact: 'Donor', Payment: 'Donation', Subscription: 'Pledge', Campaign: 'Appeal' },
  },
  automation: {
    about: 'Automation of work.',
    entities: ['Workflow', 'Integration', 'Agent', 'Form', 'Event', 'Message'],
    labels: { Workflow: 'Automation', Integration: 'Connection' },
  },
} as const satisfies Readonly<Record<string, System>>
