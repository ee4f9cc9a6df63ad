/**
 * The wheels of PyPI that TensorFlow's library is taken from, pinned: headers and libraries change places between
 * versions. The tag of the Python version means nothing here, as only the library is used.
 */
import type { Variant } from '../variant';

export interface Wheel {
  /** On PyPI. */
  readonly project: string;
  readonly version: string;
  readonly file: string;
  readonly sha256: string;
  /** Of the wheel. */
  readonly bytes: number;
  /** Of what is unpacked of it. */
  readonly unpackedBytes: number;
  /** For `pip download`: platform tag and Python version. */
  readonly platform: string;
  readonly python: string;
}

const LINUX_X64 = { version: '2.21.0', platform: 'manylinux_2_27_x86_64', python: '3.11' };

const WHEELS: Readonly<Record<string, Wheel>> = {
  'linux-x64-cpu': {
    ...LINUX_X64,
    project: 'tensorflow-cpu',
    file: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    bytes: 273_829_956,
    unpackedBytes: 854_574_110,
  },
  'linux-x64-gpu': {
    ...LINUX_X64,
    project: 'tensorflow',
    file: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
    bytes: 572_440_367,
    unpackedBytes: 1_260_286_254,
  },
  'linux-arm64-cpu': {
    version: '2.21.0',
    platform: 'manylinux_2_27_aarch64',
    python: '3.11',
    project: 'tensorflow',
    file: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl',
    sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    bytes: 281_828_020,
    unpackedBytes: 884_327_382,
  },
};

/** Null where no wheel is pinned for the platform (`linux-x64`). */
export function wheelFor(variant: Variant, platform = `${process.platform}-${process.arch}`): Wheel | null {
  return WHEELS[`${platform}-${variant}`] ?? null;
}
