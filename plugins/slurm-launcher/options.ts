/** Options of the launcher: submitit's names and meanings, so that `hydra.launcher.*` of existing commands keeps working. */
import { z } from 'osc-trainer/sdk';

/** It goes into a line of the script. */
const text = z
  .string()
  .min(1)
  // eslint-disable-next-line no-control-regex
  .regex(/^[^\x00-\x1f\x7f]+$/, 'should be one line of text');
const optionalText = text.nullable().default(null);
const count = z.int().min(1);
const gpus = z
  .union([z.int().min(0), text])
  .nullable()
  .default(null);

const ONE_PROCESS = 'a job of osc is one process on one node';

export const slurmOptions = z.strictObject({
  partition: optionalText.describe('partition, or several with commas between; null = what the cluster takes'),
  qos: optionalText.describe('quality of service'),
  account: optionalText.describe('account that the jobs are charged to'),
  // submitit's Hydra plugin has an hour too: short jobs start early, and those that need longer go on after a requeue
  timeout_min: count.nullable().default(60).describe('minutes until SLURM ends a job; null = what the partition gives'),
  // nothing good for all clusters: SLURM's own default
  mem_gb: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('memory of a job in GB; null = what the cluster gives'),
  cpus_per_task: count
    .nullable()
    .default(null)
    .describe(
      'cores of a job, and its threads; null = as many as the jobs want by engine.threads, else what SLURM gives',
    ),
  gpus_per_node: gpus.describe('GPUs of a job: 1, or with their type: a100:1'),
  gpus_per_task: gpus.describe('as gpus_per_node, for clusters that count by task'),
  cpus_per_gpu: count.nullable().default(null).describe('cores for each GPU'),
  mem_per_gpu: optionalText.describe('memory for each GPU: 32G'),
  mem_per_cpu: optionalText.describe('memory for each core: 2G'),
  gres: optionalText.describe('generic resources: gpu:1'),
  constraint: optionalText.describe('features that a node must have: a100|h100'),
  exclude: optionalText.describe('nodes not to use: node[01-04]'),
  comment: optionalText.describe('a comment for the administrators'),
  // submitit's Hydra plugin says name, which here is that of the launcher
  job_name: optionalText.describe("the jobs' name in the queue; null = the sweep's"),
  // submitit's: enough to be quick, and not so many that a shared file system suffers
  array_parallelism: count.default(256).describe('at most so many jobs run at once'),
  setup: z
    .array(z.string())
    .nullable()
    .default(null)
    .describe('lines of shell that run before each job: [module load nodejs, export HTTPS_PROXY=…]'),
  additional_parameters: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .describe('further options of sbatch: {mail-type: END, reservation: deadline}; true = a flag without a value'),
  // submitit's Hydra plugin has 120 too; a checkpoint takes seconds, a step of training may take longer
  signal_delay_s: z
    .int()
    .min(1)
    .max(65535)
    .default(120)
    .describe('seconds before its time is up at which a job is told to write its checkpoint'),
  // submitit's own default; its Hydra plugin has 0 since most programs cannot resume, and jobs of osc can
  max_num_timeout: z
    .int()
    .min(0)
    .default(3)
    .describe('how often a job whose time was up goes back into the queue and on from its checkpoint'),
  nodes: z.literal(1, `should be 1: ${ONE_PROCESS}`).default(1).describe('kept for configs of submitit: 1'),
  tasks_per_node: z.literal(1, `should be 1: ${ONE_PROCESS}`).default(1).describe('kept for configs of submitit: 1'),
  stderr_to_stdout: z
    .literal(true, "should be true: a job's log has both")
    .default(true)
    .describe('kept for configs of submitit: true'),
});

export type SlurmOptions = z.infer<typeof slurmOptions>;
