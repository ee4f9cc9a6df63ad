import { diagnose as diagnoseMachine, type Diagnosis } from '../engine/doctor';
import { ownPackage } from '../util/own-package';

export function diagnose(): Promise<Diagnosis> {
  return diagnoseMachine(ownPackage());
}
