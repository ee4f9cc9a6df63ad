import { PassThrough } from 'node:stream';
import type * as Output from './output';

interface Fake {
  readonly stream: NodeJS.WriteStream;
  readonly written: string[];
  fail(code: string): void;
}

/** A stream whose writes go wrong when it is told to. */
function fake(): Fake {
  const stream = new PassThrough();
  const written: string[] = [];
  stream.on('data', (chunk: Buffer) => written.push(chunk.toString()));
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    written,
    fail: (code) => stream.emit('error', Object.assign(new Error(`write ${code}`), { code })),
  };
}

let output: typeof Output;
let exit: jest.SpyInstance;
beforeEach(async () => {
  jest.resetModules(); // each process has one output
  output = await import('./output.js');
  exit = jest.spyOn(process, 'exit').mockReturnValue(undefined as never);
});
afterEach(() => {
  exit.mockRestore();
});

test('a command that only prints ends quietly when its reader has seen enough', () => {
  const { stream, fail } = fake();
  const told = jest.fn();
  output.guardOutput(stream, true, told);
  fail('EPIPE');
  expect(exit).toHaveBeenCalledWith(0);
  expect(told).not.toHaveBeenCalled();
});

test.each(['ENOSPC', 'EIO'])('and fails when what it prints cannot be written: %s', (code) => {
  const { stream, fail } = fake();
  const told = jest.fn();
  output.guardOutput(stream, true, told);
  fail(code);
  expect(exit).not.toHaveBeenCalled();
  expect(told).toHaveBeenCalledWith(expect.objectContaining({ name: 'RunError', exitCode: 1 }));
});

test.each(['EPIPE', 'ENOSPC', 'EIO'])('a command that works goes on, and its writes call back: %s', async (code) => {
  const { stream, fail, written } = fake();
  const told = jest.fn();
  output.guardOutput(stream, true, told);
  output.goOnUnseen(false);
  fail(code);
  await new Promise<void>((resolve) => stream.write('unseen', () => resolve()));
  expect(written).toEqual([]);
  expect(exit).not.toHaveBeenCalled();
  expect(told).not.toHaveBeenCalled();
  expect(output.lostPrint()).toBeUndefined();
});

test('a document that is lost on a full disk is told in the end', () => {
  const { stream, fail } = fake();
  output.guardOutput(stream, true, jest.fn());
  output.goOnUnseen(true);
  expect(output.lostPrint()).toBeUndefined();
  fail('ENOSPC');
  expect(output.lostPrint()?.message).toBe('The standard output could not be written. The disk is full.');
});

test('standard error is only dropped', () => {
  const { stream, fail } = fake();
  const told = jest.fn();
  output.guardOutput(stream, false, told);
  fail('ENOSPC');
  expect(stream.write('unseen')).toBe(true);
  expect(exit).not.toHaveBeenCalled();
  expect(told).not.toHaveBeenCalled();
});
