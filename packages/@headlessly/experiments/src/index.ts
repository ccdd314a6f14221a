export { Experiment, experiments, FeatureFlag } from '@headlessly/sdk'
