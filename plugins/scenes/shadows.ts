/** How much of a lamp an object hides from a point, softly: lamps are balls of light. */
import type { Solid } from './solid';
import { SPHERE, type Lamp } from './vocabulary';

const { cos, hypot, max, min, sin, sqrt } = Math;

const SAMPLES = 16;
/** Samples taken first. Shadows are convex: where these agree, the others nearly always do. */
const PROBES = 4;
/** Points of the unit disc, evenly spread (Vogel's spiral), from the rim inwards but for one of the probes: the middle. */
const DISC = Float64Array.from({ length: 2 * SAMPLES }, (_, i) => {
  const nth = i >> 1;
  const k = nth === PROBES - 1 ? 0 : nth < PROBES ? SAMPLES - 1 - nth : SAMPLES - nth;
  const radius = sqrt((k + 0.5) / SAMPLES);
  const angle = k * Math.PI * (3 - sqrt(5));
  return radius * (i % 2 === 0 ? cos(angle) : sin(angle));
});

function smoothstep(t: number): number {
  return t <= 0 ? 0 : t >= 1 ? 1 : t * t * (3 - 2 * t);
}

/**
 * Hidden part of the lamp, 0..1, from the point (x, y, z). A ball's is in closed form (the overlap of two discs, seen from
 * the point); for other shapes the lamp's disc is sampled.
 *
 * @param turn angle by which the samples are turned: a different one for each pixel turns bands into fine grain
 */
export function hiddenPart(solid: Solid, lamp: Lamp, x: number, y: number, z: number, turn: number): number {
  const lx = lamp.x - x;
  const ly = lamp.y - y;
  const lz = lamp.z - z;
  const cx = solid.x - x;
  const cy = solid.y - y;
  const cz = solid.z - z;
  // most calls end here: without a square root
  const dot = cx * lx + cy * ly + cz * lz;
  if (dot <= 0) return 0;
  const squared = lx * lx + ly * ly + lz * lz;
  const offSquared = cx * cx + cy * cy + cz * cz - (dot * dot) / squared;
  const widest = solid.bound + lamp.radius;
  if (offSquared >= widest * widest || dot >= squared) return 0;

  const distance = sqrt(squared);
  const ux = lx / distance;
  const uy = ly / distance;
  const uz = lz / distance;
  const along = dot / distance;
  const off = sqrt(max(0, offSquared));
  /** Radius of the cone from the point to the lamp where it passes the object. */
  const cone = (lamp.radius * along) / distance;
  if (off >= solid.bound + cone) return 0;
  if (solid.shape === SPHERE) return smoothstep((solid.half + cone - off) / (2 * cone));

  // two axes across the direction to the lamp
  const flat = sqrt(ux * ux + uy * uy) || 1e-9;
  const ax = -uy / flat;
  const ay = ux / flat;
  const bx = -uz * ay;
  const by = uz * ax;
  const bz = ux * ay - uy * ax;
  const turnX = cos(turn) * lamp.radius;
  const turnY = sin(turn) * lamp.radius;
  let hidden = 0;
  for (let i = 0; i < 2 * SAMPLES; i += 2) {
    const p = DISC[i]! * turnX - DISC[i + 1]! * turnY;
    const q = DISC[i]! * turnY + DISC[i + 1]! * turnX;
    const t = solid.intersect(x, y, z, lx + p * ax + q * bx, ly + p * ay + q * by, lz + q * bz);
    if (t < 1) hidden++;
    if (i === 2 * (PROBES - 1) && (hidden === 0 || hidden === PROBES)) return hidden / PROBES;
  }
  return hidden / SAMPLES;
}

/** Whether an object may hide the lamp from any point of another: a wide guess, made once for each pair. */
export function mayHide(solid: Solid, lamp: Lamp, from: Solid): boolean {
  const lx = lamp.x - from.x;
  const ly = lamp.y - from.y;
  const lz = lamp.z - from.z;
  const cx = solid.x - from.x;
  const cy = solid.y - from.y;
  const cz = solid.z - from.z;
  const t = min(1, max(0, (cx * lx + cy * ly + cz * lz) / (lx * lx + ly * ly + lz * lz)));
  return hypot(cx - t * lx, cy - t * ly, cz - t * lz) < solid.bound + max(from.bound, lamp.radius);
}

/** Part of the sky an object hides from a point of the ground: what darkens the ground where objects stand. */
export function hiddenSky(solid: Solid, x: number, y: number): number {
  const dx = x - solid.x;
  const dy = y - solid.y;
  const squared = dx * dx + dy * dy + solid.z * solid.z;
  const reach = skyReach(solid);
  const fade = 1 - smoothstep(sqrt(dx * dx + dy * dy) / reach);
  return min(1, ((solid.half * solid.half) / squared) * (solid.z / sqrt(squared))) * fade;
}

/** Distance from an object's centre at which {@link hiddenSky} has become 0. */
export function skyReach(solid: Solid): number {
  return 3 * solid.half + solid.extent;
}

/** An axis-aligned rectangle on the ground. */
export interface GroundBox {
  minX: number;
  maxX: number;
  minY: number;
  maxY: number;
}

/** A rectangle that holds all of an object's shadow on the ground, its soft rim too. */
export function shadowBox(solid: Solid, lamp: Lamp): GroundBox {
  const box = { minX: Infinity, maxX: -Infinity, minY: Infinity, maxY: -Infinity };
  const top = solid.z + solid.half;
  for (const px of [solid.x - solid.extent, solid.x + solid.extent]) {
    for (const py of [solid.y - solid.extent, solid.y + solid.extent]) {
      for (let corner = 0; corner < 8; corner++) {
        const lx = lamp.x + (corner & 1 ? lamp.radius : -lamp.radius);
        const ly = lamp.y + (corner & 2 ? lamp.radius : -lamp.radius);
        const lz = lamp.z + (corner & 4 ? lamp.radius : -lamp.radius);
        // a lamp as low as the object's top throws a shadow without end
        const scale = lz > top ? lz / (lz - top) : 1e6;
        for (const [x, y] of [
          [px, py],
          [lx + (px - lx) * scale, ly + (py - ly) * scale],
        ] as const) {
          box.minX = min(box.minX, x);
          box.maxX = max(box.maxX, x);
          box.minY = min(box.minY, y);
          box.maxY = max(box.maxY, y);
        }
      }
    }
  }
  return box;
}
