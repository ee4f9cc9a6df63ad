/** The script that SLURM runs for each job of an array. Made to be read: it lies in the sweep folder. */
import { join } from 'node:path';
import { THREADS_VARIABLE, type LaunchedSweep } from 'osc-trainer/sdk';
import type { Chunk } from './chunks';
import type { SbatchOptions } from './header';
import type { SlurmOptions } from './options';
import { formatRanges } from './ranges';
import { sbatchQuote, shellQuote } from './quote';

/** Folder, among the launcher's files, with an empty file for each entry of the queue that is not to go on: `4711_3`. */
export const STOPPED_FOLDER = 'stopped';
/** Folder with the number of time-outs of each entry of the queue. */
export const TIMEOUTS_FOLDER = 'timeouts';

export function makeScript(sweep: LaunchedSweep, chunk: Chunk, options: SlurmOptions, header: SbatchOptions): string {
  const numbers = formatRanges(chunk.jobs.map(({ number }) => number));
  return [
    '#!/bin/bash',
    `# Jobs ${numbers} of the sweep ${oneLine(sweep.name)}, as osc handed them to sbatch.`,
    ...Array.from(header, ([name, value]) => `#SBATCH --${name}${value === null ? '' : `=${sbatchQuote(value)}`}`),
    '',
    chunk.offset === 0
      ? 'number=$SLURM_ARRAY_TASK_ID  # of the job in the sweep'
      : `number=$((${chunk.offset} + SLURM_ARRAY_TASK_ID))  # of the job in the sweep`,
    'entry=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID  # of the queue',
    `sweep=${shellQuote(sweep.folder)}`,
    `files=${shellQuote(sweep.files)}`,
    `directory=${shellQuote(sweep.cwd)}`,
    `command=(${sweep.command.map(shellQuote).join(' ')})  # and the number behind it`,
    `signal_delay_s=${options.signal_delay_s}`,
    `max_num_timeout=${options.max_num_timeout}`,
    ...(header.get('output') === '/dev/null' ? ['', ...ownLogs(chunk)] : []),
    BEFORE,
    ...(options.setup === null || options.setup.length === 0
      ? []
      : ['# launcher.setup', ...options.setup, 'set +eu', '']),
    AFTER,
  ].join('\n');
}

/** Names that no pattern of SLURM fits. */
function ownLogs({ offset, jobs }: Chunk): string[] {
  return [
    '# No pattern of SLURM fits the names of the logs.',
    'case $SLURM_ARRAY_TASK_ID in',
    ...jobs.map(({ number, log }) => `  ${number - offset}) log=${shellQuote(log)} ;;`),
    'esac',
    'exec >>"$log" 2>&1',
  ];
}

function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\x00-\x1f\x7f]+/g, ' ');
}

/** What comes before the lines of `launcher.setup`. */
const BEFORE = `
say() { printf '%s slurm: %s\\n' "$(date +%FT%T)" "$*"; }
go_on="To go on from its checkpoint: osc train -m --resume $(printf %q "$sweep")"

# Who asks the job to stop, and what for:
#   USR1  SLURM, since its time is nearly up or it is preempted: write a checkpoint, then back into the queue
#   USR2  osc sweep stop: write a checkpoint, then end
#   TERM  SLURM, which is ending it: cancelled, preempted, or out of time. The job got it too, and SLURM puts a preempted one back
job= asked= passed_on= ended=
pass_on() {
  # a second signal would end the job without a checkpoint
  [ -n "$job" ] && [ -z "$passed_on" ] && passed_on=1 && kill -TERM "$job" 2>/dev/null
}
trap 'signalled=1; [ -n "$asked" ] || asked=requeue; pass_on' USR1
trap 'signalled=1; asked=stop; pass_on' USR2
trap 'signalled=1; ended=1; passed_on=1' TERM

if [ -e "$files/stopped/$entry" ]; then
  say 'The sweep was stopped before this job began.'
  exit 75
fi
cd "$directory" || { say "The working directory $directory is not there on $(hostname)."; exit 1; }
say "Job $number is entry $entry of the queue, on $(hostname)."
`;

const AFTER = `# Threads of a job whose engine.threads is open
export ${THREADS_VARIABLE}=\${SLURM_CPUS_PER_TASK:-\${SLURM_CPUS_ON_NODE:-1}}

code=75
if [ -z "$asked$ended" ]; then
  "\${command[@]}" "$number" </dev/null &
  job=$!
  [ -n "$asked" ] && pass_on
  code=127
  while :; do
    signalled=
    wait "$job"
    status=$?
    [ "$status" -ne 127 ] && code=$status # 127: its end has been heard of already
    [ -z "$signalled" ] && break # else it was the signal that ended the waiting
  done
fi

# 75: stopped with a checkpoint; 143: it was told to stop before it could hear
[ "$code" -eq 75 ] || [ "$code" -eq 143 ] || exit "$code"
if [ -n "$ended" ] || [ "$asked" = stop ] || [ -e "$files/stopped/$entry" ]; then exit "$code"; fi

# A controller that does not answer now may do so below; then it counts as a time-out.
facts=$(SLURM_TIME_FORMAT=standard scontrol show job "$entry" 2>/dev/null)
preempted=
[[ $facts =~ PreemptTime=[0-9] ]] && preempted=1
[ -z "$asked$preempted" ] && exit "$code" # somebody stopped the program itself

if [ -z "$preempted" ]; then
  # The signal may come a minute early. If more is left than that, it was a person who sent it: that counts as no time-out.
  left=0
  if [[ $facts =~ EndTime=([0-9][^[:space:]]*) ]]; then
    left=$(($(date -d "\${BASH_REMATCH[1]}" +%s) - $(date +%s)))
  fi
  if [ "$left" -le $((signal_delay_s + 90)) ]; then
    counted=$(cat "$files/timeouts/$entry" 2>/dev/null)
    [[ $counted =~ ^[0-9]+$ ]] || counted=0
    if [ "$counted" -ge "$max_num_timeout" ]; then
      say "Its time is up, and launcher.max_num_timeout=$max_num_timeout allows no further requeue."
      say "$go_on"
      exit "$code"
    fi
    mkdir -p "$files/timeouts" && rm -f "$files/timeouts/$entry.new" && echo $((counted + 1)) >"$files/timeouts/$entry.new" &&
      mv "$files/timeouts/$entry.new" "$files/timeouts/$entry" || {
      say "Time-outs cannot be counted in $files/timeouts, so the job does not go back into the queue."
      say "$go_on"
      exit "$code"
    }
    say "Its time was nearly up: requeue $((counted + 1)) of $max_num_timeout."
  fi
fi

trap '' TERM USR1 USR2 # SLURM ends what it requeues
for attempt in 1 2 3 4 5; do
  answer=$(scontrol requeue "$entry" 2>&1)
  status=$?
  if [ "$status" -eq 0 ]; then
    say 'The job is back in the queue, and goes on from its checkpoint.'
    exit "$code"
  fi
  [ "$status" -eq 127 ] && break # there is no scontrol
  [ "$attempt" -lt 5 ] && sleep 5
done
say "The job was stopped, and cannot go back into the queue, since scontrol fails on $(hostname): $answer"
say "$go_on"
exit "$code"
`;

/** The script of a chunk, where the launcher keeps it. */
export function scriptFile(files: string, submission: number): string {
  return join(files, `submit-${String(submission).padStart(3, '0')}.sh`);
}
