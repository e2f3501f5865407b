// The jobs of a study: one run each, done in this process or by the workers of a queue.
export {
  areSame,
  argsGiven,
  digestsOf,
  type FilesByOption,
  type Job,
  type JobResult,
  namesFile,
} from "./job.ts";
export {
  addJobsOptions,
  checkJobsOptions,
  isAtOnce,
  JOBS_KEYS,
  JOBS_OPTIONS,
  type JobsOptions,
  QUEUED_MEMORY,
  runnerOf,
  withThreads,
} from "./options.ts";
export { startJobsProgress } from "./progress.ts";
export { addQueueOption, requireQueue, withoutPassword } from "./queue_option.ts";
export type { Handlers, Runner } from "./runner.ts";
