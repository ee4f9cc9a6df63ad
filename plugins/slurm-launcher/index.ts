export { SlurmLauncher } from './slurm-launcher';
