/** Names for runs that were given none: two words that are easy to say and to tell apart. */
import { randomInt } from 'node:crypto';

const ADJECTIVES =
  'amber ample bold brave brief bright brisk calm candid clear clever cosmic crisp deft eager early easy fair fast fine fleet fond frank free fresh gentle glad golden grand happy hardy honest humble jolly keen kind late light lively lucid lucky mellow merry mild modest neat nimble noble patient placid plain proud quick quiet ready royal sage sharp silent silver sleek smart snug solid spry steady sunny sure swift tidy tough vivid warm wise witty'.split(
    ' ',
  );
const NOUNS =
  'acorn aspen badger basil beacon birch bison brook canyon cedar cobalt comet condor coral crane cricket delta dune egret ember falcon fern finch fjord fox garnet gecko glacier grove harbor hazel heron ibis iris island ivy jasper juniper kestrel lagoon lark lemur lichen lily linden lotus lynx maple marlin marten meadow mesa moss myrtle nebula oak ocelot onyx orchid osprey otter owl pebble pine plover poplar prairie puffin quartz raven reef robin saffron sequoia sparrow spruce stork summit swan tern thistle thrush tiger tulip vale walnut willow wren yarrow'.split(
    ' ',
  );

function pick(words: readonly string[]): string {
  return words[randomInt(words.length)]!;
}

/** E.g. `quiet-lynx`. Not seeded: two runs of one config are two runs. */
export function randomRunName(): string {
  return `${pick(ADJECTIVES)}-${pick(NOUNS)}`;
}
