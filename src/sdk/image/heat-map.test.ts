import { heatMap } from './heat-map';

test('a heat map is dark where least and bright where most, whatever the scale', () => {
  const pixels = heatMap(Float32Array.of(3e-4, 1e-4), [1, 2], [1, 4]);
  const [bright, dark] = [
    [252, 255, 164],
    [0, 0, 4],
  ];
  expect([...pixels]).toEqual([...bright!, ...bright!, ...dark!, ...dark!]);
  expect([...heatMap(Float32Array.of(1, 1), [1, 2], [1, 2])]).toEqual([...dark!, ...dark!]);
});
