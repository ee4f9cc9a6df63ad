import { KILLED_EXIT_CODE, listenForStop } from './stop-signals';

test('the first signal is a request with its name as the reason; the second ends the process', () => {
  const exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
  const told: string[] = [];
  const listeners = process.listenerCount('SIGUSR1'); // the one that keeps Node's debugger shut
  const stop = listenForStop(['SIGTERM', 'SIGUSR1'], (name) => told.push(name));
  expect(stop.signal.aborted).toBe(false);
  process.emit('SIGUSR1', 'SIGUSR1');
  expect([stop.signal.aborted, stop.signal.reason]).toEqual([true, 'SIGUSR1']);
  expect(told).toEqual(['SIGUSR1']);
  expect(exit).not.toHaveBeenCalled();
  process.emit('SIGTERM', 'SIGTERM');
  expect(exit).toHaveBeenCalledWith(KILLED_EXIT_CODE);
  stop.release();
  expect(process.listenerCount('SIGUSR1')).toBe(listeners);
  exit.mockRestore();
});

test('a terminal that goes away says so more than once', () => {
  const exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
  const stop = listenForStop();
  process.emit('SIGHUP', 'SIGHUP');
  process.emit('SIGHUP', 'SIGHUP');
  expect(stop.signal.reason).toBe('SIGHUP');
  expect(exit).not.toHaveBeenCalled();
  stop.release();
  exit.mockRestore();
});
