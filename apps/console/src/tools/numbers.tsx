// The numbers of the business, each with the way to the records that it comes from: figures, revenue, pipeline, product, support,
// marketing, and charts of one's own. All of them are as of the moment that the page shows.

import type { ReactNode } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { CampaignNumbers } from './campaign-numbers.tsx'
import { MetricChart } from './metric-chart.tsx'
import { OwnChart } from './own-chart.tsx'
import { PipelineNumbers } from './pipeline-numbers.tsx'
import { ProductNumbers } from './product-numbers.tsx'
import { RevenueNumbers } from './revenue-numbers.tsx'
import { SupportNumbers } from './support-numbers.tsx'
import { ToolPage } from './tool-page.tsx'

const pages = {
  revenue: RevenueNumbers,
  pipeline: PipelineNumbers,
  product: ProductNumbers,
  support: SupportNumbers,
  marketing: CampaignNumbers,
  chart: OwnCharts,
}

export function NumbersPage(): ReactNode {
  return <ToolPage tool="numbers" title={useToolTexts()('numbers.title')} pages={pages} />
}

function OwnCharts(): ReactNode {
  return (
    <div className="panels">
      <OwnChart />
      <MetricChart />
    </div>
  )
}
