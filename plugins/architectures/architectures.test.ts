import { testComponent } from 'osc-trainer/sdk/testing';
import { GlobalAndObjectsArchitecture, GlobalArchitecture, ObjectsThenGlobalArchitecture } from './index';

testComponent(GlobalArchitecture);
testComponent(GlobalAndObjectsArchitecture);
testComponent(ObjectsThenGlobalArchitecture);

test('slots need the parts that make them', () => {
  const parts = { objQueries: null, objFn: null, objProj: null, backbone: { forward: () => ({}) } };
  expect(() =>
    new ObjectsThenGlobalArchitecture().forward(parts as never, null as never, { training: false, step: 0 }),
  ).toThrow(TypeError);
});
