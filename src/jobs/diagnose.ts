import { diagnose as diagnoseMachine, type Diagnosis } from '../engine/doctor';
import { packageInfo } from './package-info';

export function diagnose(): Promise<Diagnosis> {
  return diagnoseMachine(packageInfo());
}
