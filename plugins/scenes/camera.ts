/** A perspective camera that looks at a point, upright or turned about its axis. */

const { hypot, max } = Math;

type Vector = readonly [number, number, number];

/** Blender's 35 mm lens on a 32 mm sensor, as in CLEVR's base scene. */
const FOCAL_PER_LONG_SIDE = 35 / 32;

function unit([x, y, z]: Vector): Vector {
  const length = hypot(x, y, z);
  return [x / length, y / length, z / length];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** `a`, turned towards `b` by an angle. */
function turned(a: Vector, b: Vector, angle: number): Vector {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [c * a[0] + s * b[0], c * a[1] + s * b[1], c * a[2] + s * b[2]];
}

export class Camera {
  readonly forward: Vector;
  readonly right: Vector;
  readonly up: Vector;
  /** Left to right along the ground, of length 1: {@link right} of a camera that is upright. */
  readonly across: Vector;
  /** Focal length in pixels. */
  readonly focal: number;

  /** @param roll turn about its axis, in radians */
  constructor(
    readonly position: Vector,
    target: Vector,
    readonly height: number,
    readonly width: number,
    roll = 0,
  ) {
    this.forward = unit([target[0] - position[0], target[1] - position[1], target[2] - position[2]]);
    this.across = unit(cross(this.forward, [0, 0, 1]));
    const upright = cross(this.across, this.forward);
    this.right = roll === 0 ? this.across : turned(this.across, upright, roll);
    this.up = roll === 0 ? upright : turned(upright, this.across, -roll);
    this.focal = FOCAL_PER_LONG_SIDE * max(height, width);
  }

  /**
   * Pixel coordinates (x to the right, y down, the centre of the first pixel is (0.5, 0.5)) and depth along the optical
   * axis, in scene units.
   */
  project(point: Vector): Vector {
    const ray: Vector = [point[0] - this.position[0], point[1] - this.position[1], point[2] - this.position[2]];
    const depth = dot(ray, this.forward);
    return [
      this.width / 2 + (this.focal * dot(ray, this.right)) / depth,
      this.height / 2 - (this.focal * dot(ray, this.up)) / depth,
      depth,
    ];
  }

  /** Direction of the ray through a point of the image, of depth 1 (not of length 1), into `out`. */
  ray(px: number, py: number, out: Float64Array): void {
    const u = (px - this.width / 2) / this.focal;
    const v = (this.height / 2 - py) / this.focal;
    out[0] = this.forward[0] + u * this.right[0] + v * this.up[0];
    out[1] = this.forward[1] + u * this.right[1] + v * this.up[1];
    out[2] = this.forward[2] + u * this.right[2] + v * this.up[2];
  }
}
