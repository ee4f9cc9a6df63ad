/** On stand-ins for SLURM's programs, which run the jobs; test/slurm does the same on a cluster. */
import { testComponent } from 'osc-trainer/sdk/testing';
import { installFakeSlurm, type FakeSlurm } from './fake-slurm.fixture';
import { SlurmLauncher } from './slurm-launcher';

let slurm: FakeSlurm;
beforeAll(() => {
  slurm = installFakeSlurm();
});
afterAll(() => slurm.restore());

testComponent(SlurmLauncher);
